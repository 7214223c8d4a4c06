// SPDX-License-Identifier: GPL-2.0

//! Git, as far as it is asked: repositories are read and changed by nothing else.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::error::{Error, Result};

/// What a hook or an alias that runs this tool sets, and what would lead to another repository.
const ELSEWHERE: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
];

/// Settings of a user's that would change what is written, or run something else.
const PLAIN: [(&str, &str); 12] = [
    ("apply.ignoreWhitespace", "no"),
    ("apply.whitespace", "nowarn"),
    ("core.autocrlf", "false"),
    ("core.fileMode", "true"),
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("gc.auto", "0"),
    ("merge.autoStash", "false"),
    ("merge.conflictStyle", "merge"),
    ("merge.verifySignatures", "false"),
    ("rerere.enabled", "false"),
    ("submodule.recurse", "false"),
];

/// A folder in a repository.
#[derive(Clone, Debug)]
pub(crate) struct Git {
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

impl Git {
    /// Runs git in `folder`.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            environment: Vec::new(),
        }
    }

    /// Runs git in `folder`, without those of the user's settings that change what it writes.
    pub(crate) fn plain(folder: &Path) -> Self {
        let count = PLAIN.len().to_string();
        let mut git = Self::new(folder).with("GIT_CONFIG_COUNT", count);
        for (at, (key, value)) in PLAIN.into_iter().enumerate() {
            git = git
                .with(format!("GIT_CONFIG_KEY_{at}"), key)
                .with(format!("GIT_CONFIG_VALUE_{at}"), value);
        }
        git
    }

    /// Runs git in `folder`, which is in no repository, whatever is above it.
    pub(crate) fn outside(folder: &Path) -> Self {
        let above = folder.parent().unwrap_or(folder);
        Self::plain(folder).with("GIT_CEILING_DIRECTORIES", above.to_string_lossy())
    }

    /// Runs it with a variable of the environment set.
    pub(crate) fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
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
        for name in ELSEWHERE {
            command.env_remove(name);
        }
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
