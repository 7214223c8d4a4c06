// SPDX-License-Identifier: GPL-2.0

//! The tree's own scripts, which read it and change nothing: who gets the mails, and what is wrong
//! with them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::error::ExportError;
use crate::error::Result;
use crate::tree::Tree;

const GET_MAINTAINER: &str = "scripts/get_maintainer.pl";
const CHECKPATCH: &str = "scripts/checkpatch.pl";

/// Who gets the mails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    /// The people.
    pub to: BTreeSet<String>,
    /// The lists.
    pub cc: BTreeSet<String>,
}

/// What `scripts/checkpatch.pl` says about a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Complaint {
    /// The mail's file name.
    pub mail: String,
    /// The line of the mail.
    pub line: usize,
    /// Whether it is an error, and not a warning.
    pub is_error: bool,
    /// What is wrong.
    pub text: String,
}

/// Who the tree says looks after what `patches` change; none for a tree that can't say.
pub(crate) fn recipients(tree: &Tree, patches: &[PathBuf]) -> Result<Option<Recipients>> {
    if !tree.path(GET_MAINTAINER).is_file() || !tree.path("MAINTAINERS").exists() {
        return Ok(None);
    }
    let ask = |who: &[&str]| {
        let mut command = script(tree, GET_MAINTAINER);
        command.args(["--nogit", "--nogit-fallback", "--norolestats", "--noroles"]);
        command.args(who).args(patches);
        let output = run(tree, GET_MAINTAINER, command)?;
        if !output.status.success() {
            return Err(failed(tree, GET_MAINTAINER, &output).into());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok::<_, crate::Error>(lines.map(str::to_owned).collect())
    };
    Ok(Some(Recipients {
        to: ask(&["--nol", "--nos"])?,
        cc: ask(&["--nom", "--nor"])?,
    }))
}

/// What the tree finds wrong with `mails`; none for a tree that can't say.
pub(crate) fn complaints(tree: &Tree, mails: &[PathBuf]) -> Result<Option<Vec<Complaint>>> {
    if !tree.path(CHECKPATCH).is_file() {
        return Ok(None);
    }
    let mut command = script(tree, CHECKPATCH);
    command.args(["--terse", "--no-summary", "--color=never"]);
    command.args(mails);
    let output = run(tree, CHECKPATCH, command)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let complaints: Vec<_> = text.lines().filter_map(complaint).collect();
    // It ends with 1 when there is something to say.
    match output.status.code() {
        Some(0) => Ok(Some(complaints)),
        Some(1) if !complaints.is_empty() => Ok(Some(complaints)),
        _ => Err(failed(tree, CHECKPATCH, &output).into()),
    }
}

fn complaint(line: &str) -> Option<Complaint> {
    let (at, is_error) = match (line.find(": ERROR: "), line.find(": WARNING: ")) {
        (Some(error), None) => (error, true),
        (None, Some(warning)) => (warning, false),
        (Some(error), Some(warning)) => (error.min(warning), error < warning),
        (None, None) => return None,
    };
    let (place, text) = line.split_at(at);
    let (file, number) = place.rsplit_once(':')?;
    let (_, text) = text
        .split_once(": ")
        .and_then(|(_, t)| t.split_once(": "))?;
    Some(Complaint {
        mail: Path::new(file).file_name()?.to_str()?.to_owned(),
        line: number.parse().ok()?,
        is_error,
        text: text.to_owned(),
    })
}

/// Runs `name` in the tree; without a look at the rest of it, where the rest is not there.
fn script(tree: &Tree, name: &str) -> Command {
    const WHOLE: [&str; 17] = [
        "COPYING",
        "CREDITS",
        "Kbuild",
        "MAINTAINERS",
        "Makefile",
        "README",
        "Documentation",
        "arch",
        "include",
        "drivers",
        "fs",
        "init",
        "ipc",
        "kernel",
        "lib",
        "mm",
        "scripts",
    ];
    let mut command = Command::new("perl");
    command.arg(name).current_dir(tree.root());
    if !WHOLE.iter().all(|name| tree.path(name).exists()) {
        command.arg("--no-tree");
    }
    command
}

fn run(tree: &Tree, name: &str, mut command: Command) -> Result<Output, ExportError> {
    let output = command
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output();
    output.map_err(|error| ExportError::Script {
        script: tree.path(name),
        reason: format!("perl: {error}"),
    })
}

fn failed(tree: &Tree, name: &str, output: &Output) -> ExportError {
    let words = String::from_utf8_lossy(&output.stderr);
    ExportError::Script {
        script: tree.path(name),
        reason: match words.trim() {
            "" => output.status.to_string(),
            words => words.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_complaints() {
        let line = "/tmp/x: y/0001-a.patch:12: ERROR: Missing Signed-off-by: line(s)";
        let found = complaint(line).unwrap();
        assert_eq!((found.mail.as_str(), found.line), ("0001-a.patch", 12));
        assert!(found.is_error);
        assert_eq!(found.text, "Missing Signed-off-by: line(s)");
        assert!(!complaint("a.patch:1: WARNING: x").unwrap().is_error);
        assert_eq!(complaint("total: 0 errors"), None);
    }
}
