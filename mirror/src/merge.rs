// SPDX-License-Identifier: GPL-2.0

//! Brings together what was changed in the tree and in the workspace.
//!
//! Texts are merged by `git merge-file`, whose merges people know, and whose care with repeated
//! lines (a `}` is one) the libraries at hand do not have.

use std::fs;

use crate::digest::Stamp;
use crate::error::{Cause, Error, Result};
use crate::flatten::FlatFile;
use crate::git::Git;
use crate::transaction::Content;

/// What is written at the ends of a conflict.
const LABELS: [&str; 3] = ["tree", "as applied", "workspace"];

/// A file of the tree.
pub(crate) struct Have<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) stamp: &'a Stamp,
}

/// What becomes of a file that changed on both sides.
pub(crate) enum Merge {
    /// Both changes are in it.
    Clean(Content<'static>),
    /// Both changes are in it, some of them as alternatives between conflict markers.
    Marked(Content<'static>),
    /// They cannot be in one file.
    Refused(Cause),
}

impl Merge {
    /// Why it did not come out clean.
    pub(crate) fn cause(&self) -> Option<Cause> {
        match self {
            Self::Clean(_) => None,
            Self::Marked(_) => Some(Cause::SameLines),
            Self::Refused(cause) => Some(*cause),
        }
    }
}

/// Merges what became of `base` in the tree and in the workspace. `base_bytes` is its content, where
/// that is still known.
pub(crate) fn merge(
    have: &Have<'_>,
    want: &FlatFile,
    base: &Stamp,
    base_bytes: impl FnOnce() -> Result<Option<Vec<u8>>>,
) -> Result<Merge> {
    let executable = match have.stamp.executable == base.executable {
        true => want.is_executable(),
        false => have.stamp.executable,
    };
    let content = |bytes: &[u8]| Content::new(bytes.to_vec(), executable);
    if have.stamp.digest == base.digest {
        return Ok(Merge::Clean(content(want.bytes())));
    }
    if want.digest() == &base.digest || want.digest() == &have.stamp.digest {
        return Ok(Merge::Clean(content(have.bytes)));
    }
    let Some(base) = base_bytes()? else {
        return Ok(Merge::Refused(Cause::NoBase));
    };
    let texts = [have.bytes, &base, want.bytes()];
    if texts.iter().any(|text| !is_text(text)) {
        return Ok(Merge::Refused(Cause::NotText));
    }
    let (merged, clean) = merge_texts(texts)?;
    Ok(match clean {
        true => Merge::Clean(content(&merged)),
        false => Merge::Marked(content(&merged)),
    })
}

/// Git takes a file with a zero byte for a binary one, and so do we.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()
}

/// Merges the tree's text, the base and the workspace's, and says whether that came out without a
/// conflict.
pub(crate) fn merge_texts(texts: [&[u8]; 3]) -> Result<(Vec<u8>, bool)> {
    // Not in a repository: its configuration has no say in this.
    let folder = tempfile::tempdir().map_err(Error::io("create", &std::env::temp_dir()))?;
    let mut arguments = vec!["merge-file", "-p"];
    let names = ["tree", "base", "workspace"];
    for (name, text) in names.iter().zip(texts) {
        let path = folder.path().join(name);
        fs::write(&path, text).map_err(Error::io("write", &path))?;
    }
    for label in LABELS {
        arguments.extend(["-L", label]);
    }
    arguments.extend(names);
    let git = Git::new(folder.path());
    let output = git.output(&arguments, None)?;
    // The number of conflicts, up to 127; more than that is a failure.
    match output.status.code() {
        Some(0) => Ok((output.stdout, true)),
        Some(1..=127) => Ok((output.stdout, false)),
        _ => Err(git.failed(&arguments, &output)),
    }
}

/// The lines of `text` that are in conflict, with their markers.
pub(crate) fn excerpt(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let [first, _, last] = LABELS;
    let (begin, end) = (format!("<<<<<<< {first}"), format!(">>>>>>> {last}"));
    let mut inside = false;
    let mut excerpt = String::new();
    for line in text.lines() {
        inside |= line == begin;
        if inside {
            excerpt.push_str(line);
            excerpt.push('\n');
        }
        inside &= line != end;
    }
    excerpt
}
