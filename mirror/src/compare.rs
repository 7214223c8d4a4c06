// SPDX-License-Identifier: GPL-2.0

//! Compares a tree with the workspace, with what was put into it, and with what was there before.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::digest::Stamp;
use crate::disk::read;
use crate::error::{Cause, Error, Result};
use crate::flatten::{Flat, Origin};
use crate::maintainers::MAINTAINERS;
use crate::merge::{merge, Have, Merge};
use crate::records::{self, Lock, Pristine};
use crate::store::Store;
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
    /// Both the tree and the workspace changed it, and `apply` can merge that.
    Merges,
    /// Both the tree and the workspace changed it, in ways that do not go together.
    Conflicts,
    /// Its bookkeeping is out of date, and all else is in step.
    Outdated,
    /// Its bookkeeping is that of another release of this tool, and all else is in step.
    OtherTool,
}

impl Difference {
    /// Whether someone changed the file in the tree: `apply` does not undo that unasked.
    pub fn is_edit(self) -> bool {
        self.is_kept() || matches!(self, Self::Merges | Self::Conflicts)
    }

    /// Whether it changed in the tree only, so that `apply` leaves it alone.
    pub(crate) fn is_kept(self) -> bool {
        matches!(self, Self::Edited | Self::Extra | Self::Missing)
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
            Self::Merges => "changed in the tree and in the workspace",
            Self::Conflicts => "in conflict with the workspace",
            Self::Outdated => "out of date",
            Self::OtherTool => "written by another release of mirror",
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
        for name in lock.iter().flat_map(|lock| lock.stamps().into_keys()) {
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

    /// The release that the crates were put into, if the tree is at another one by now.
    pub(crate) fn other_release(&self, tree: &Tree) -> Option<&str> {
        let now = tree.version().to_string();
        let pristine = self.pristine.iter().map(|pristine| &pristine.kernel);
        let lock = self.lock.iter().map(|lock| &lock.kernel);
        let mut releases = pristine.chain(lock);
        releases.find(|then| **then != now).map(String::as_str)
    }

    /// Fails if the tree is of another release than when the crates were put into it.
    pub(crate) fn check_release(&self, tree: &Tree) -> Result<()> {
        match self.other_release(tree) {
            Some(then) => Err(Error::KernelChanged {
                path: tree.root().to_owned(),
                then: then.to_owned(),
                now: tree.version().to_string(),
                backup: self.pristine.is_some(),
            }),
            None => Ok(()),
        }
    }

    /// Whether `path` is none of the files that the first `apply` looked at, nor one that a later
    /// one wrote: what is there was there before, and goes to the backup when a crate claims it.
    pub(crate) fn is_untouched(&self, path: &str) -> bool {
        !is_ours(path)
            && path != MAINTAINERS
            && self.pristine.is_some()
            && !self.pristine.iter().any(|pristine| pristine.has(path))
            && !self.lock.iter().any(|lock| lock.has(path))
    }

    pub(crate) fn locked(&self) -> BTreeMap<&str, &Stamp> {
        self.lock.as_ref().map(Lock::stamps).unwrap_or_default()
    }

    pub(crate) fn originals(&self) -> BTreeMap<&str, Stamp> {
        let pristine = self.pristine.as_ref();
        pristine.map(Pristine::stamps).unwrap_or_default()
    }
}

/// The tree next to the workspace.
pub(crate) struct Comparison {
    pub(crate) found: BTreeMap<String, Found>,
    pub(crate) differences: BTreeMap<String, Difference>,
    /// How many files of the workspace are as they should be.
    pub(crate) unchanged: usize,
    /// What becomes of each file that changed on both sides.
    pub(crate) merges: BTreeMap<String, Merge>,
    /// The lock as it should be.
    pub(crate) lock: Vec<u8>,
    /// The lock as it is.
    pub(crate) lock_now: Option<Vec<u8>>,
}

impl Comparison {
    /// # Errors
    ///
    /// When something cannot be read, or merged; [`Error::CaseClash`].
    pub(crate) fn new(flat: &Flat, tree: &Tree, records: &Records) -> Result<Self> {
        let locked = records.locked();
        let originals = records.originals();
        let takes_region = tree.takes(MAINTAINERS)?;
        let taken = |path: &str| takes_region || path != MAINTAINERS;
        let names: BTreeSet<&str> = flat
            .files
            .keys()
            .map(String::as_str)
            .chain(locked.keys().copied())
            .chain(originals.keys().copied())
            .collect();
        let found = tree.scan(names.iter().copied())?;

        let mut differences = BTreeMap::new();
        let mut merges = BTreeMap::new();
        let all: BTreeSet<&str> = found.keys().map(String::as_str).chain(names).collect();
        for path in all {
            let want = flat.files.get(path).filter(|_| taken(path));
            let want = want.map(|file| file.stamp());
            let have = found.get(path).map(|file| &file.stamp);
            let sides = Sides {
                want,
                have,
                base: locked.get(path).copied(),
                // What is there before the first time is the original, whoever wrote it.
                original: match records.applied() && !records.is_untouched(path) {
                    true => originals.get(path),
                    false => have,
                },
            };
            let difference = match sides.difference() {
                Some(Difference::Conflicts) => {
                    let merge = merged(flat, tree, records, path, &sides)?;
                    let difference = sides.merged(&merge);
                    merges.insert(path.to_owned(), merge);
                    Some(difference)
                }
                Some(Difference::Reverted) if records.is_untouched(path) => Some(Difference::Added),
                difference => difference,
            };
            if let Some(difference) = difference {
                differences.insert(path.to_owned(), difference);
            }
        }
        check_case(flat, tree, &found, &differences)?;

        let wanted = Lock::new(flat, tree, taken);
        let lock = records::write(&wanted, LOCK_HEADING);
        let lock_now = read(&tree.path(LOCK))?;
        let explained = differences.keys().any(|path| {
            let want = flat.files.get(path).filter(|_| taken(path));
            let want = want.map(|file| file.stamp());
            let base = locked.get(path.as_str()).copied();
            want != base
        });
        if lock_now.is_none() {
            differences.insert(LOCK.to_owned(), Difference::Missing);
        } else if !explained && lock_now.as_ref() != Some(&lock) {
            let same_tool = |now: &Lock| now.tool == wanted.tool;
            let difference = match records.lock.as_ref().is_none_or(same_tool) {
                true => Difference::Outdated,
                false => Difference::OtherTool,
            };
            differences.insert(LOCK.to_owned(), difference);
        }
        let unchanged = flat.files.keys().filter(|path| taken(path));
        let unchanged = unchanged.filter(|path| !differences.contains_key(*path));
        Ok(Self {
            unchanged: unchanged.count(),
            found,
            differences,
            merges,
            lock,
            lock_now,
        })
    }
}

/// A file on all sides; none where there is no such file.
struct Sides<'a> {
    /// In the workspace.
    want: Option<&'a Stamp>,
    /// In the tree.
    have: Option<&'a Stamp>,
    /// In the workspace when it was last applied.
    base: Option<&'a Stamp>,
    /// In the tree before the first `apply`.
    original: Option<&'a Stamp>,
}

impl Sides<'_> {
    /// How they differ. [`Difference::Conflicts`] if both changed: what comes of that, a merge has
    /// to tell.
    fn difference(&self) -> Option<Difference> {
        let &Self {
            want,
            have,
            base,
            original,
        } = self;
        if want == have {
            return None;
        }
        Some(match (want, have) {
            (Some(_), None) if base.is_none() => Difference::Added,
            (None, Some(_)) if have == base => Difference::Dropped,
            (Some(_), Some(_)) if have == base => Difference::Newer,
            // A file that is gone is never back to anything.
            (_, Some(_)) if have == original => Difference::Reverted,
            (Some(_), None) if want == base => Difference::Missing,
            (Some(_), Some(_)) if want == base => Difference::Edited,
            (None, Some(_)) if base.is_none() => Difference::Extra,
            _ => Difference::Conflicts,
        })
    }

    /// How they differ when this is what becomes of the file.
    fn merged(&self, merge: &Merge) -> Difference {
        match merge {
            Merge::Clean(content) => match content.stamp() {
                stamp if Some(&stamp) == self.have => Difference::Edited,
                stamp if Some(&stamp) == self.want => Difference::Newer,
                _ => Difference::Merges,
            },
            Merge::Marked(_) | Merge::Refused(_) => Difference::Conflicts,
        }
    }
}

fn merged(
    flat: &Flat,
    tree: &Tree,
    records: &Records,
    path: &str,
    sides: &Sides<'_>,
) -> Result<Merge> {
    let (Some(want), Some(stamp)) = (flat.files.get(path), sides.have) else {
        return Ok(Merge::Refused(match sides.want {
            Some(_) => Cause::GoneFromTree,
            None => Cause::GoneFromWorkspace,
        }));
    };
    let Some(base) = sides.base else {
        return Ok(Merge::Refused(match records.lock {
            Some(_) => Cause::AddedInBoth,
            None => Cause::NoLock,
        }));
    };
    let source = tree.path(path);
    let bytes = tree.content(path)?.unwrap_or_default();
    if Stamp::of(&bytes, 0).digest != stamp.digest {
        return Err(Error::ChangedMeanwhile { path: source });
    }
    let have = Have {
        bytes: &bytes,
        stamp,
    };
    let merge = merge(&have, want, base, || Store::base(tree).get(&base.digest))?;
    Ok(match merge {
        // Between markers the region would have no end.
        Merge::Marked(_) if path == MAINTAINERS => Merge::Refused(Cause::NoMarkers),
        merge => merge,
    })
}

/// Fails if two files that are to be in the tree have names that differ in nothing but case.
fn check_case(
    flat: &Flat,
    tree: &Tree,
    found: &BTreeMap<String, Found>,
    differences: &BTreeMap<String, Difference>,
) -> Result<()> {
    let stays = |path: &&String| match differences.get(*path) {
        Some(Difference::Dropped) => false,
        Some(Difference::Reverted) => flat.files.contains_key(*path),
        _ => true,
    };
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for path in found.keys().filter(stays).chain(flat.files.keys()) {
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        for name in folders.chain([path.as_str()]) {
            let first = *seen.entry(name.to_lowercase()).or_insert(name);
            if first != name {
                return Err(Error::CaseClash {
                    tree: tree.root().to_owned(),
                    first: first.to_owned(),
                    second: name.to_owned(),
                });
            }
        }
    }
    Ok(())
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
