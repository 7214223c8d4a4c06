// SPDX-License-Identifier: GPL-2.0

//! What the command says.

use std::fmt::Write as _;

use mirror::{Changes, Error, Flat, State, Tree};
use serde_json::json;

use super::Change;

/// How many lines of a diff a refusal shows, and of how many files.
const DIFF_LINES: usize = 12;
const DIFF_FILES: usize = 5;

pub(crate) fn change(tree: &Tree, changes: &Changes, arguments: &Change) -> String {
    let &Change {
        dry_run, verbose, ..
    } = arguments;
    let mut text = String::new();
    if let Some(command) = &changes.undone {
        let verb = if dry_run { "would undo" } else { "undid" };
        let _ = writeln!(text, "{verb} the interrupted {command}");
        if dry_run {
            return text;
        }
    }
    if verbose {
        for path in &changes.removed {
            let _ = writeln!(text, "- {path}");
        }
        for path in &changes.written {
            let _ = writeln!(text, "+ {path}");
        }
    }
    for folder in &changes.saved {
        let _ = writeln!(text, "kept copies of edited files: {}", folder.display());
    }
    let place = format!("{} (Linux {})", tree.root().display(), tree.version());
    let _ = match changes {
        Changes {
            written,
            removed,
            lock,
            ..
        } if dry_run => match (written.len(), removed.len()) {
            (0, 0) if !lock => writeln!(text, "nothing to do: {place}"),
            (w, r) => writeln!(text, "would write {w}, remove {r}: {place}"),
        },
        changes => writeln!(text, "{changes}: {place}"),
    };
    text
}

pub(crate) fn check(tree: &Tree, state: &State) -> String {
    let place = format!("{} (Linux {})", tree.root().display(), tree.version());
    match state {
        State::NotApplied => format!("not applied: {place}\n"),
        State::Interrupted(command) => format!(
            "interrupted {command}: {place}\n\
             hint: `mirror apply` and `mirror restore` both take back what it did first\n"
        ),
        State::Applied(files) if files.is_empty() => format!("in step: {place}\n"),
        State::Applied(files) => {
            let mut text = String::new();
            for file in files {
                let _ = write!(text, "{}: {}", file.path, file.difference.describe());
                let _ = match file.crates.as_slice() {
                    _ if file.generated => writeln!(text, " (generated)"),
                    [package] => writeln!(text, " ({package})"),
                    _ => writeln!(text),
                };
            }
            let edits = files
                .iter()
                .filter(|file| file.difference.is_edit())
                .count();
            let differ = match files.len() {
                1 => "1 file differs".to_owned(),
                n => format!("{n} files differ"),
            };
            let _ = writeln!(text, "{differ}, {edits} edited in the tree: {place}");
            text
        }
        _ => String::new(),
    }
}

/// Which crates are not in the tree, and why.
pub(crate) fn left_out(flat: &Flat) -> String {
    let mut text = String::new();
    for out in &flat.left_out {
        let _ = match &out.because {
            None => writeln!(text, "left out {}", out.name),
            Some(because) => writeln!(text, "left out {}: it depends on {because}", out.name),
        };
    }
    text
}

pub(crate) fn check_json(tree: &Tree, state: &State, flat: &Flat) -> String {
    let (name, command, files) = match state {
        State::NotApplied => ("not-applied", None, [].as_slice()),
        State::Interrupted(command) => ("interrupted", Some(command), [].as_slice()),
        State::Applied(files) => ("applied", None, files.as_slice()),
        _ => ("unknown", None, [].as_slice()),
    };
    let value = json!({
        "form": 1,
        "tree": tree.root().to_string_lossy(),
        "kernel": tree.version().to_string(),
        "state": name,
        "interrupted_command": command,
        "in_step": state.is_in_step(),
        "left_out": flat.left_out,
        "files": files,
    });
    format!("{value:#}\n")
}

pub(crate) fn error(error: &Error) -> String {
    let mut text = format!("error: {error}\n");
    if let Error::Edits { edits, .. } = error {
        for (at, edit) in edits.iter().enumerate() {
            let _ = writeln!(text, "  {}", edit.path);
            if at >= DIFF_FILES {
                continue;
            }
            // The header repeats the name.
            let lines: Vec<_> = edit
                .diff
                .lines()
                .skip_while(|l| !l.starts_with("@@"))
                .collect();
            for line in lines.iter().take(DIFF_LINES) {
                let _ = writeln!(text, "    {line}");
            }
            if let Some(more) = lines.len().checked_sub(DIFF_LINES).filter(|&n| n > 0) {
                let _ = writeln!(text, "    … {more} more");
            }
        }
    }
    let mut source = match error {
        Error::Interrupted { undo, .. } => Some(&**undo as &dyn std::error::Error),
        _ => None,
    };
    while let Some(cause) = source {
        let _ = writeln!(text, "caused by: {cause}");
        source = cause.source();
    }
    if let Some(hint) = error.hint() {
        let _ = writeln!(text, "hint: {hint}");
    }
    text
}
