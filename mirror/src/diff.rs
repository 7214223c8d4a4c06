// SPDX-License-Identifier: GPL-2.0

//! `mirror diff`: the differences between a tree and the workspace as a patch.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use similar::TextDiff;

use crate::compare::Records;
use crate::disk::read;
use crate::error::{Error, Result};
use crate::flatten::Flat;
use crate::transaction;
use crate::tree::Tree;

/// Which side of a patch is the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The patch makes of the tree what the workspace has: what `apply` would do.
    ToWorkspace,
    /// The patch makes of the workspace's files what the tree has: the edits made there.
    ToTree,
}

/// The differences between the crates' files in `tree` and the workspace, as a patch that
/// `git apply` and `patch -p1` take. Empty when there are none. The lock has no part in it.
///
/// # Errors
///
/// As for [`check`](crate::check), and [`Error::InBetween`].
pub fn diff(flat: &Flat, tree: &Tree, direction: Direction) -> Result<String> {
    let _guard = tree.lock_shared()?;
    if let Some(journal) = transaction::interrupted(tree)? {
        return Err(Error::InBetween {
            path: tree.root().to_owned(),
            command: journal.command,
        });
    }
    let records = Records::load(tree)?;
    records.check_release(tree)?;
    let names: BTreeSet<&str> = flat
        .files
        .keys()
        .map(String::as_str)
        .chain(records.locked().into_keys())
        .collect();
    let found = tree.scan(names.iter().copied())?;
    let all: BTreeSet<&str> = found.keys().map(String::as_str).chain(names).collect();

    let mut patch = String::new();
    for path in all {
        let want = flat.files.get(path);
        if want.map(|file| file.digest()) == found.get(path).map(|file| &file.digest) {
            continue;
        }
        let want = want.map(|file| file.bytes());
        let have = read(&tree.path(path))?;
        let (old, new) = match direction {
            Direction::ToWorkspace => (have.as_deref(), want),
            Direction::ToTree => (want, have.as_deref()),
        };
        patch.push_str(&file(path, old, new));
    }
    Ok(patch)
}

/// One file's part of a patch.
pub(crate) fn file(path: &str, old: Option<&[u8]>, new: Option<&[u8]>) -> String {
    let mut patch = format!("diff --git a/{path} b/{path}\n");
    match (old, new) {
        (None, _) => patch.push_str("new file mode 100644\n"),
        (_, None) => patch.push_str("deleted file mode 100644\n"),
        _ => {}
    }
    let texts = (
        std::str::from_utf8(old.unwrap_or_default()),
        std::str::from_utf8(new.unwrap_or_default()),
    );
    let (Ok(old_text), Ok(new_text)) = texts else {
        let _ = writeln!(patch, "Binary files a/{path} and b/{path} differ");
        return patch;
    };
    let name = |side: char, content: Option<&[u8]>| match content {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let diff = TextDiff::from_lines(old_text, new_text);
    let mut unified = diff.unified_diff();
    unified.header(&name('a', old), &name('b', new));
    let _ = write!(patch, "{unified}");
    patch
}
