// SPDX-License-Identifier: GPL-2.0

//! Two versions of a file that come from one, made one again. Git does it.

use std::fs;
use std::path::Path;

use crate::error::{Error, Result};
use crate::git::Git;

/// What became of both sides' changes.
pub(crate) enum Merged {
    /// All of them are in this.
    Clean(Vec<u8>),
    /// Some are at the same place: the text with marks there, or nothing if it is no text.
    Conflict(String),
}

/// Merges the changes from `base` to `ours` and to `theirs`, by means of files in `folder`.
pub(crate) fn merge(folder: &Path, base: &[u8], ours: &[u8], theirs: &[u8]) -> Result<Merged> {
    if ours == base || ours == theirs {
        return Ok(Merged::Clean(theirs.to_vec()));
    }
    if theirs == base {
        return Ok(Merged::Clean(ours.to_vec()));
    }
    for (name, bytes) in [("workspace", ours), ("base", base), ("edited", theirs)] {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(Error::io("write", &path))?;
    }
    let output = Git::outside(folder).output(
        &["merge-file", "-p", "--quiet", "workspace", "base", "edited"],
        None,
    )?;
    // Its status is the number of conflicts; from 128 on something else is wrong.
    Ok(match output.status.code() {
        Some(0) => Merged::Clean(output.stdout),
        Some(1..=127) => Merged::Conflict(String::from_utf8_lossy(&output.stdout).into_owned()),
        _ => Merged::Conflict(String::new()),
    })
}

/// The places of a merged text that have conflict marks.
pub(crate) fn conflicts(text: &str) -> String {
    let mut out = String::new();
    let mut within = false;
    for line in text.lines() {
        within |= line.starts_with("<<<<<<< ");
        if within {
            out.push_str(line);
            out.push('\n');
        }
        within &= !line.starts_with(">>>>>>> ");
    }
    out
}
