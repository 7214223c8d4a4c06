// SPDX-License-Identifier: GPL-2.0

//! Git, as far as it is asked: repositories are read and changed by nothing else.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::error::{Error, Result};

/// A folder in a repository.
#[derive(Clone, Debug)]
pub(crate) struct Git {
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Git {
    /// Runs git in `folder`.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            environment: Vec::new(),
        }
    }

    /// Runs it with a variable of the environment set.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// What `git ARGUMENTS` prints, without the last line break.
    ///
    /// # Errors
    ///
    /// [`Error::Git`] with what git said.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = self.bytes(arguments, None)?;
        let text = String::from_utf8_lossy(&output);
        Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
    }

    /// What `git ARGUMENTS` prints when `input` is its standard input.
    pub(crate) fn bytes(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>> {
        let output = self.output(arguments, input)?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(self.failed(arguments, &output)),
        }
    }

    /// What became of `git ARGUMENTS`, for commands whose status says more than whether they failed.
    pub(crate) fn output(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Output> {
        let failed = |reason: String| Error::Git {
            path: self.folder.clone(),
            command: arguments.join(" "),
            reason,
        };
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(&self.folder)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            // Messages are shown, and some are looked at.
            .env("LC_ALL", "C")
            .stdin(match input {
                Some(_) => Stdio::piped(),
                None => Stdio::null(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        let output = std::thread::scope(|scope| {
            if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
                // One that ends early says so by its status.
                scope.spawn(move || stdin.write_all(input));
            }
            child.wait_with_output()
        })
        .map_err(|error| failed(error.to_string()))?;
        Ok(output)
    }

    /// The error that a failed command comes to.
    pub(crate) fn failed(&self, arguments: &[&str], output: &Output) -> Error {
        let words = String::from_utf8_lossy(&output.stderr);
        let words = words.trim();
        Error::Git {
            path: self.folder.clone(),
            command: arguments.join(" "),
            reason: match words.is_empty() {
                true => output.status.to_string(),
                false => words.strip_prefix("fatal: ").unwrap_or(words).to_owned(),
            },
        }
    }

    /// The full name of the commit that `revision` stands for.
    ///
    /// # Errors
    ///
    /// [`Error::Git`] when there is none.
    pub(crate) fn commit(&self, revision: &str) -> Result<String> {
        let treeish = format!("{revision}^{{commit}}");
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &treeish,
        ];
        self.run(&arguments).or_else(|_| {
            // Outside of a repository, that is the reason.
            self.prefix()?;
            Err(Error::Git {
                path: self.folder.clone(),
                command: format!("rev-parse {revision}"),
                reason: "there is no such commit".to_owned(),
            })
        })
    }

    /// The folder below the repository's top that this is: empty, or ending with `/`.
    pub(crate) fn prefix(&self) -> Result<String> {
        self.run(&["rev-parse", "--show-prefix"])
    }
}
