// SPDX-License-Identifier: GPL-2.0

//! Which crates a tree is to have, and in which version.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::flatten::{flatten, Flat};
use crate::mix::mix;
use crate::records::{self, Lock};
use crate::transaction;
use crate::tree::{Tree, LOCK};
use crate::workspace::Workspace;

/// What is asked of a tree's crates; by default, that they be those that it was given last.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Selection {
    /// Crates to leave out from now on, with all that depend on them.
    pub without: BTreeSet<String>,
    /// Crates that were left out so far, and are not to be any longer.
    pub with: BTreeSet<String>,
    /// Whether to have all crates again.
    pub with_all: bool,
    /// Crates to move to another version or revision, or (none) to what the workspace has, while all
    /// others stay as they were applied. If there are none, all crates are what the workspace has.
    pub packages: BTreeMap<String, Option<String>>,
}

impl Selection {
    /// Adds a crate to be moved, by `NAME` or `NAME@VERSION` or `NAME@REVISION`.
    ///
    /// # Errors
    ///
    /// [`Error::TwoVersions`].
    pub fn add_package(&mut self, text: &str) -> Result<()> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version.to_owned())),
            None => (text, None),
        };
        match self.packages.insert(name.to_owned(), version.clone()) {
            Some(other) if other != version => Err(Error::TwoVersions {
                name: name.to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

/// The workspace as the files of `tree`: all of its crates, but for those that `selection` leaves
/// out, and those that an earlier `apply` left out of this tree.
///
/// # Errors
///
/// As for [`flatten`] and [`Workspace::without`]; [`Error::Busy`] while another run changes the tree;
/// [`Error::StaysOut`], [`Error::InAndOut`] and [`Error::UnknownLeftOut`]. For crates to be moved, as
/// for [`Workspace::at`]; [`Error::NotApplied`], [`Error::IsLeftOut`], [`Error::NoSuchVersion`],
/// [`Error::NoBase`], and [`Error::Requirements`] when they do not fit what is in the tree.
pub fn select(workspace: &Workspace, tree: &Tree, selection: &Selection) -> Result<Flat> {
    let _guard = tree.lock_shared()?;
    let lock = lock(tree)?;
    if !selection.packages.is_empty() {
        return mix(workspace, tree, lock.as_ref(), &selection.packages);
    }
    let out = without(workspace, tree, lock.as_ref(), selection)?;
    flatten(&workspace.without(&out)?)
}

/// The tree's lock; of an operation that was stopped half-way, the one from before.
fn lock(tree: &Tree) -> Result<Option<Lock>> {
    let path = tree.path(LOCK);
    if path.is_symlink() {
        return Err(Error::Symlink { path });
    }
    match transaction::settled(tree, LOCK)? {
        Some(path) => records::load(&path),
        None => Ok(None),
    }
}

/// The crates to leave out.
fn without(
    workspace: &Workspace,
    tree: &Tree,
    lock: Option<&Lock>,
    selection: &Selection,
) -> Result<BTreeSet<String>> {
    let Selection { without, with, .. } = selection;
    if let Some(name) = with.intersection(without).next() {
        return Err(Error::InAndOut { name: name.clone() });
    }
    let left_out = lock
        .map(|lock| lock.left_out.as_slice())
        .unwrap_or_default();
    let before = left_out.iter().filter(|out| out.because.is_none());
    let before: BTreeSet<String> = before.map(|out| out.name.clone()).collect();
    for name in with.difference(&before) {
        workspace.package(name)?;
    }
    let mut out = without.clone();
    if !selection.with_all {
        out.extend(before.difference(with).cloned());
    }
    for name in before.intersection(&out) {
        if workspace.package(name).is_err() {
            let path = tree.path(LOCK);
            let name = name.clone();
            return Err(Error::UnknownLeftOut { path, name });
        }
    }
    let selected = workspace.without(&out)?;
    let stays = |out: &&crate::LeftOut| with.contains(&out.name);
    if let Some(out) = selected.left_out.iter().find(stays) {
        return Err(Error::StaysOut {
            name: out.name.clone(),
            because: out.because.clone().unwrap_or_default(),
        });
    }
    Ok(out)
}
