// SPDX-License-Identifier: GPL-2.0

//! `mirror check`, which says how a tree and the workspace differ.

use serde::Serialize;

use crate::compare::{origin, Comparison, Difference, Records};
use crate::error::{Cause, Result};
use crate::flatten::Flat;
use crate::merge::Merge;
use crate::transaction;
use crate::tree::Tree;

/// What became of the crates in a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum State {
    /// They were never put into it, or taken out again.
    NotApplied,
    /// This command was stopped half-way.
    Interrupted(String),
    /// They were put into this release of the kernel, and the tree is at another one by now.
    KernelChanged(String),
    /// They are in it, and these files differ from the workspace.
    Applied(Vec<DifferentFile>),
}

/// A file that differs from the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DifferentFile {
    /// Its path in the tree.
    pub path: String,
    /// How it differs.
    pub difference: Difference,
    /// Why it cannot be merged, where both sides changed it and that is so.
    pub cause: Option<Cause>,
    /// The crates that it is from; none for a file that no crate knows.
    pub crates: Vec<String>,
    /// Whether it is made from those crates' sources, instead of being a copy of one.
    pub generated: bool,
}

impl State {
    /// Whether the tree holds exactly what `apply` would put into it.
    pub fn is_in_step(&self) -> bool {
        matches!(self, Self::Applied(differences) if differences.is_empty())
    }
}

/// Says how `tree` and the workspace differ, and changes nothing.
///
/// # Errors
///
/// [`Error::Busy`](crate::Error::Busy) while another run changes the tree; when a file or a record
/// cannot be read.
pub fn check(flat: &Flat, tree: &Tree) -> Result<State> {
    let _guard = tree.lock_shared()?;
    if let Some(journal) = transaction::interrupted(tree)? {
        return Ok(State::Interrupted(journal.command));
    }
    let records = Records::load(tree)?;
    if !records.applied() {
        return Ok(State::NotApplied);
    }
    if let Some(then) = records.other_release(tree) {
        return Ok(State::KernelChanged(then.to_owned()));
    }
    let comparison = Comparison::new(flat, tree, &records)?;
    let differences = comparison.differences.iter().map(|(path, &difference)| {
        let (crates, is_copy) = origin(flat, &records, path);
        DifferentFile {
            path: path.clone(),
            difference,
            cause: comparison.merges.get(path).and_then(Merge::cause),
            generated: !is_copy && !crates.is_empty(),
            crates,
        }
    });
    Ok(State::Applied(differences.collect()))
}
