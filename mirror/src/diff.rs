// SPDX-License-Identifier: GPL-2.0

//! `mirror diff`: the differences between a tree and the workspace as a patch.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use similar::TextDiff;

use crate::compare::Records;
use crate::disk::read;
use crate::error::{Error, Result};
use crate::flatten::{Flat, FlatFile};
use crate::maintainers::{Region, MAINTAINERS};
use crate::transaction;
use crate::tree::Tree;

/// Which side of a patch is the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The patch makes of the tree what the workspace has: what `apply` does where nothing was edited.
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
        let found = found.get(path);
        if want.map(|file| file.stamp()) == found.map(|file| &file.stamp) {
            continue;
        }
        if path == MAINTAINERS {
            patch.push_str(&maintainers(tree, want, direction)?);
            continue;
        }
        let bytes = read(&tree.path(path))?;
        let want = want.map(|file| (file.bytes(), file.is_executable()));
        let have = found.map(|file| (bytes.as_deref().unwrap_or_default(), file.stamp.executable));
        let (old, new) = match direction {
            Direction::ToWorkspace => (have, want),
            Direction::ToTree => (want, have),
        };
        patch.push_str(&file(path, old, new));
    }
    Ok(patch)
}

/// The part of a patch that is about the crates' sections of MAINTAINERS.
fn maintainers(tree: &Tree, want: Option<&FlatFile>, direction: Direction) -> Result<String> {
    let have = tree.maintainers()?;
    let region = want.map_or(&b""[..], |file| file.bytes());
    let Some(want) = Region::splice(&have, region) else {
        return Ok(String::new());
    };
    let (have, want) = (Some((&*have, false)), Some((&*want, false)));
    Ok(match direction {
        Direction::ToWorkspace => file(MAINTAINERS, have, want),
        Direction::ToTree => file(MAINTAINERS, want, have),
    })
}

/// A file's content, and whether it can be run.
type Side<'a> = Option<(&'a [u8], bool)>;

/// One file's part of a patch.
fn file(path: &str, old: Side<'_>, new: Side<'_>) -> String {
    let mode = |executable| if executable { "100755" } else { "100644" };
    let mut patch = format!("diff --git a/{path} b/{path}\n");
    let _ = match (old, new) {
        (Some((_, old)), Some((_, new))) if old != new => {
            writeln!(patch, "old mode {}\nnew mode {}", mode(old), mode(new))
        }
        (None, Some((_, new))) => writeln!(patch, "new file mode {}", mode(new)),
        (Some((_, old)), None) => writeln!(patch, "deleted file mode {}", mode(old)),
        _ => Ok(()),
    };
    let (old, new) = (old.map(|(bytes, _)| bytes), new.map(|(bytes, _)| bytes));
    if old == new {
        return patch;
    }
    match hunks(old, new) {
        Some(hunks) => {
            let name = |side: char, content: Option<&[u8]>| match content {
                Some(_) => format!("{side}/{path}"),
                None => "/dev/null".to_owned(),
            };
            if !hunks.is_empty() {
                let _ = writeln!(patch, "--- {}\n+++ {}", name('a', old), name('b', new));
            }
            patch.push_str(&hunks);
        }
        None => {
            let _ = writeln!(patch, "Binary files a/{path} and b/{path} differ");
        }
    }
    patch
}

/// What leads from one content to the other, as the hunks of a patch; none where that is no text.
pub(crate) fn hunks(old: Option<&[u8]>, new: Option<&[u8]>) -> Option<String> {
    let old = std::str::from_utf8(old.unwrap_or_default()).ok()?;
    let new = std::str::from_utf8(new.unwrap_or_default()).ok()?;
    let diff = TextDiff::from_lines(old, new);
    Some(diff.unified_diff().to_string())
}
