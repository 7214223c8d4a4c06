// SPDX-License-Identifier: GPL-2.0

//! What the command says.

use std::fmt::Write as _;
use std::path::Path;

use mirror::{Breach, Changes, Difference, Error, Flat, State, Tree};
use serde_json::{json, Value};

use super::Change;

/// How many lines of a diff a refusal shows, and of how many files.
const DIFF_LINES: usize = 12;
const DIFF_FILES: usize = 5;
/// How many files of a kind a report names unless it is to name all.
const EDITS_SHOWN: usize = 10;

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
    let edits = |verb: &str, paths: Vec<&String>| {
        let shown = if verbose { usize::MAX } else { EDITS_SHOWN };
        let mut text = String::new();
        for path in paths.iter().take(shown) {
            let _ = writeln!(text, "{verb}: {path}");
        }
        if let Some(more) = paths.len().checked_sub(shown).filter(|&n| n > 0) {
            let _ = writeln!(text, "{verb}: … {more} more");
        }
        text
    };
    text += &edits("merged", changes.merged.iter().collect());
    text += &edits("conflict markers", changes.conflicts.iter().collect());
    for difference in [Difference::Edited, Difference::Extra, Difference::Missing] {
        let kept = changes.kept.iter().filter(|(_, kept)| **kept == difference);
        let verb = format!("kept, {}", difference.describe());
        text += &edits(&verb, kept.map(|(path, _)| path).collect());
    }
    for folder in &changes.saved {
        let _ = writeln!(text, "kept copies of edited files: {}", folder.display());
    }
    let place = format!("{} (Linux {})", tree.root().display(), tree.version());
    let _ = match dry_run {
        true => writeln!(text, "{}: {place}", changes.planned()),
        false => writeln!(text, "{changes}: {place}"),
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
        State::KernelChanged(then) => {
            format!("applied to Linux {then}, and the kernel was changed since: {place}\n")
        }
        State::Applied(files) if files.is_empty() => format!("in step: {place}\n"),
        State::Applied(files) => {
            let mut text = String::new();
            for file in files {
                let _ = write!(text, "{}: {}", file.path, file.difference.describe());
                if let Some(cause) = file.cause {
                    let _ = write!(text, ": {}", cause.describe());
                }
                let _ = match file.crates.as_slice() {
                    _ if file.generated => writeln!(text, " (generated)"),
                    [package] => writeln!(text, " ({package})"),
                    _ => writeln!(text),
                };
            }
            let edits = files
                .iter()
                .filter(|file| file.difference.is_edit() && file.path != mirror::LOCK)
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

pub(crate) fn check_json(tree: &Tree, state: &State, flat: &Flat) -> Value {
    let mut object = json!({
        "tree": tree.root().to_string_lossy(),
        "kernel": tree.version().to_string(),
        "in_step": state.is_in_step(),
        "files": [],
        "left_out": flat.left_out,
    });
    match state {
        State::NotApplied => object["state"] = json!("not-applied"),
        State::Interrupted(command) => {
            object["state"] = json!("interrupted");
            object["interrupted_command"] = json!(command);
        }
        State::KernelChanged(then) => {
            object["state"] = json!("kernel-changed");
            object["applied_to_kernel"] = json!(then);
        }
        State::Applied(files) => {
            object["state"] = json!("applied");
            object["files"] = json!(files);
        }
        _ => object["state"] = json!("unknown"),
    }
    object
}

pub(crate) fn check_json_error(path: &Path, error: &Error) -> Value {
    json!({
        "tree": path.to_string_lossy(),
        "in_step": false,
        "state": "error",
        "error": error.to_string(),
        "hint": error.hint(),
    })
}

pub(crate) fn breaches(breaches: &[Breach]) -> String {
    let mut text = String::new();
    for breach in breaches {
        let _ = write!(text, "{}:{}", breach.source, breach.line);
        if let Some(path) = &breach.path {
            let _ = write!(text, " ({path})");
        }
        let _ = writeln!(text, ": {}", breach.describe());
        for line in breach.message.lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
    let n = breaches.len();
    let _ = writeln!(
        text,
        "imported, but the crates do not check by themselves: {n} error{}\n\
         hint: mend that in the workspace, and run `cargo check`: what depends on these crates could \
         not be checked yet",
        if n == 1 { "" } else { "s" }
    );
    text
}

pub(crate) fn error(error: &Error) -> String {
    let mut text = format!("error: {error}\n");
    match error {
        Error::Edits { edits, .. } => {
            let edits = edits.iter().map(|edit| (edit.path.clone(), &*edit.diff));
            files(&mut text, edits);
        }
        Error::Conflicts { conflicts, .. } => {
            let conflicts = conflicts.iter().map(|conflict| {
                let title = format!("{}: {}", conflict.path, conflict.cause.describe());
                (title, &*conflict.excerpt)
            });
            files(&mut text, conflicts);
        }
        _ => {}
    }
    if let Error::Import(error) = error {
        for line in error.details() {
            let _ = writeln!(text, "  {line}");
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

/// Names files, and shows a little of what is in them.
fn files<'a>(text: &mut String, files: impl Iterator<Item = (String, &'a str)>) {
    for (at, (title, shown)) in files.enumerate() {
        let _ = writeln!(text, "  {title}");
        if at >= DIFF_FILES {
            continue;
        }
        let lines: Vec<_> = shown.lines().collect();
        for line in lines.iter().take(DIFF_LINES) {
            let _ = writeln!(text, "    {line}");
        }
        if let Some(more) = lines.len().checked_sub(DIFF_LINES).filter(|&n| n > 0) {
            let _ = writeln!(text, "    … {more} more");
        }
    }
}
