// SPDX-License-Identifier: GPL-2.0

//! Compares a tree with the workspace, with what was put into it, and with what was there before.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::digest::Digest;
use crate::disk::read;
use crate::error::{Error, Result};
use crate::flatten::{Flat, Origin};
use crate::records::{self, Lock, Pristine};
use crate::transaction::{check_path, PRISTINE};
use crate::tree::{is_ours, Found, Tree, LOCK};

pub(crate) const LOCK_HEADING: &str = "Written by `mirror apply`: what it put into this tree.";

/// In what way a file of the tree differs from the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Difference {
    /// Someone edited it in the tree.
    Edited,
    /// It is in a place of the crates, and neither the workspace nor the lock knows it.
    Extra,
    /// It is gone from the tree.
    Missing,
    /// It is what it was before the first `apply`.
    Reverted,
    /// The workspace has another version by now.
    Newer,
    /// The workspace has it, and the tree does not have it yet.
    Added,
    /// The workspace no longer has it.
    Dropped,
    /// Its bookkeeping is out of date, and all else is in step.
    Outdated,
}

impl Difference {
    /// Whether there is something in the tree that would be lost.
    pub fn is_edit(self) -> bool {
        matches!(self, Self::Edited | Self::Extra)
    }

    /// The difference in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Edited => "edited in the tree",
            Self::Extra => "only in the tree",
            Self::Missing => "missing from the tree",
            Self::Reverted => "back to what was before apply",
            Self::Newer => "newer in the workspace",
            Self::Added => "new in the workspace",
            Self::Dropped => "gone from the workspace",
            Self::Outdated => "out of date",
        }
    }
}

/// A tree's records.
pub(crate) struct Records {
    pub(crate) lock: Option<Lock>,
    pub(crate) pristine: Option<Pristine>,
}

impl Records {
    pub(crate) fn load(tree: &Tree) -> Result<Self> {
        let path = tree.path(LOCK);
        if path.is_symlink() {
            return Err(Error::Symlink { path });
        }
        let lock: Option<Lock> = records::load(&path)?;
        for name in lock.iter().flat_map(|lock| lock.digests().into_keys()) {
            check_path(&path, name)?;
        }
        let path = tree.private(PRISTINE);
        let pristine: Option<Pristine> = records::load(&path)?;
        for file in pristine.iter().flat_map(Pristine::files) {
            check_path(&path, &file.path)?;
        }
        Ok(Self { lock, pristine })
    }

    /// Whether crates were put into the tree, and not taken out again.
    pub(crate) fn applied(&self) -> bool {
        self.lock.is_some() || self.pristine.is_some()
    }

    /// Fails if the backup is of another release than the tree is.
    pub(crate) fn check_release(&self, tree: &Tree) -> Result<()> {
        let now = tree.version().to_string();
        match &self.pristine {
            Some(pristine) if pristine.kernel != now => Err(Error::KernelChanged {
                path: tree.root().to_owned(),
                then: pristine.kernel.clone(),
                now,
            }),
            _ => Ok(()),
        }
    }

    /// Whether `path` is none of the files that the first `apply` looked at, nor one that a later
    /// one wrote: what is there was there before, and goes to the backup when a crate claims it.
    pub(crate) fn is_untouched(&self, path: &str) -> bool {
        !is_ours(path)
            && self.pristine.is_some()
            && !self.pristine.iter().any(|pristine| pristine.has(path))
            && !self.lock.iter().any(|lock| lock.has(path))
    }

    pub(crate) fn locked(&self) -> BTreeMap<&str, &Digest> {
        self.lock.as_ref().map(Lock::digests).unwrap_or_default()
    }

    pub(crate) fn originals(&self) -> BTreeMap<&str, &Digest> {
        let pristine = self.pristine.as_ref();
        pristine.map(Pristine::digests).unwrap_or_default()
    }
}

/// The tree next to the workspace.
pub(crate) struct Comparison {
    pub(crate) found: BTreeMap<String, Found>,
    pub(crate) differences: BTreeMap<String, Difference>,
    /// The lock as it should be.
    pub(crate) lock: Vec<u8>,
    /// The lock as it is.
    pub(crate) lock_now: Option<Vec<u8>>,
}

impl Comparison {
    pub(crate) fn new(flat: &Flat, tree: &Tree, records: &Records) -> Result<Self> {
        let locked = records.locked();
        let originals = records.originals();
        let names: BTreeSet<&str> = flat
            .files
            .keys()
            .map(String::as_str)
            .chain(locked.keys().copied())
            .chain(originals.keys().copied())
            .collect();
        let found = tree.scan(names.iter().copied())?;

        let mut differences = BTreeMap::new();
        let all: BTreeSet<&str> = found.keys().map(String::as_str).chain(names).collect();
        for path in all {
            let want = flat.files.get(path).map(|file| file.digest());
            let have = found.get(path).map(|file| &file.digest);
            let locked = locked.get(path).copied();
            let original = originals.get(path).copied();
            let difference = match difference(want, have, locked, original) {
                Some(difference) if difference.is_edit() && records.is_untouched(path) => {
                    Some(Difference::Added)
                }
                difference => difference,
            };
            if let Some(difference) = difference {
                differences.insert(path.to_owned(), difference);
            }
        }

        let lock = records::write(&Lock::new(flat, tree), LOCK_HEADING);
        let lock_now = read(&tree.path(LOCK))?;
        let explained = differences.values().any(|difference| {
            matches!(
                difference,
                Difference::Newer | Difference::Added | Difference::Dropped
            )
        });
        if lock_now.is_none() {
            differences.insert(LOCK.to_owned(), Difference::Missing);
        } else if !explained && lock_now.as_ref() != Some(&lock) {
            differences.insert(LOCK.to_owned(), Difference::Outdated);
        }
        Ok(Self {
            found,
            differences,
            lock,
            lock_now,
        })
    }

    /// The files whose content someone put into the tree, and which is nowhere else.
    pub(crate) fn edits(&self) -> impl Iterator<Item = &str> {
        self.differences
            .iter()
            .filter(|(_, difference)| difference.is_edit())
            .map(|(path, _)| path.as_str())
    }
}

fn difference(
    want: Option<&Digest>,
    have: Option<&Digest>,
    locked: Option<&Digest>,
    original: Option<&Digest>,
) -> Option<Difference> {
    if want == have {
        return None;
    }
    Some(match (want, have) {
        (Some(_), None) if locked.is_some() => Difference::Missing,
        (Some(_), None) => Difference::Added,
        (None, Some(_)) if have == locked => Difference::Dropped,
        (_, Some(_)) if have == locked => Difference::Newer,
        (_, Some(_)) if have == original => Difference::Reverted,
        (None, Some(_)) if locked.is_none() => Difference::Extra,
        _ => Difference::Edited,
    })
}

/// The crates that a file is from, and whether it is a copy of a single one's; none for a file that
/// no crate knows.
pub(crate) fn origin(flat: &Flat, records: &Records, path: &str) -> (Vec<String>, bool) {
    match flat.files.get(path).map(|file| file.origin()) {
        Some(Origin::Copied { package, .. }) => (vec![package.clone()], true),
        Some(Origin::Generated { packages }) => (packages.clone(), false),
        None => match &records.lock {
            Some(lock) => lock.origin(path),
            None => (Vec::new(), false),
        },
    }
}
