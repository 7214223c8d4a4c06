// SPDX-License-Identifier: GPL-2.0

//! `mirror apply`, which puts the crates into trees.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::compare::{Difference, Records};
use crate::error::{count, Error, Result};
use crate::flatten::Flat;
use crate::plan::Plan;
use crate::transaction;
use crate::tree::Tree;

/// How to go about an operation that changes a tree.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Overwrite and remove edited files, after a copy of them was made.
    pub overwrite_edits: bool,
    /// Write what cannot be merged as alternatives between conflict markers.
    pub conflict_markers: bool,
    /// Find out what there is to do, and do nothing of it.
    pub dry_run: bool,
}

/// What an operation changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// The files written, without the lock.
    pub written: Vec<String>,
    /// The files removed.
    pub removed: Vec<String>,
    /// Those of the files written that hold what was changed in the tree and in the workspace.
    pub merged: Vec<String>,
    /// Those of the files written that hold conflict markers.
    pub conflicts: Vec<String>,
    /// The files edited in the tree, and left like that.
    pub kept: BTreeMap<String, Difference>,
    /// How many files were as they should be.
    pub unchanged: usize,
    /// Whether the lock was written or removed.
    pub lock: bool,
    /// The command that was interrupted earlier, and was taken back first.
    pub undone: Option<String>,
    /// Where copies of overwritten edits are.
    pub saved: Vec<PathBuf>,
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.written.len(), self.removed.len(), self.lock) {
            (0, 0, false) => f.write_str("nothing to do")?,
            (0, 0, true) => f.write_str("wrote mirror.lock")?,
            (written, removed, _) => write!(
                f,
                "wrote {written}, removed {removed}, left {} as they were",
                self.unchanged
            )?,
        }
        self.fmt_edits(f)
    }
}

impl Changes {
    /// Whether there was nothing to do.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty() && !self.lock && self.undone.is_none()
    }

    /// The same in the words of a dry run.
    pub fn planned(&self) -> String {
        let mut text = match (self.written.len(), self.removed.len()) {
            (0, 0) if !self.lock => "nothing to do".to_owned(),
            (written, removed) => format!("would write {written}, remove {removed}"),
        };
        let _ = self.fmt_edits(&mut text);
        text
    }

    /// What became of files edited in the tree.
    fn fmt_edits(&self, f: &mut impl fmt::Write) -> fmt::Result {
        if !self.merged.is_empty() {
            write!(f, ", merged {}", self.merged.len())?;
        }
        if !self.conflicts.is_empty() {
            write!(f, ", conflict markers in {}", self.conflicts.len())?;
        }
        if !self.kept.is_empty() {
            write!(f, ", kept {}", count(self.kept.len(), "edited file"))?;
        }
        Ok(())
    }
}

/// Puts the flattened crates into `tree`: all of them, or none.
///
/// The files that they replace are kept for [`restore`](crate::restore). Files that are as they
/// should be are not touched; nor are files that someone edited, removed or added in the tree, as
/// long as the workspace has them as it had them then. Where it has not, both changes are merged.
///
/// # Errors
///
/// [`Error::Conflicts`] when files cannot be merged, and `options` does not say to go on regardless;
/// [`Error::Busy`]; [`Error::KernelChanged`]; [`Error::Edits`] when taking back an interrupted
/// operation would lose edits; [`Error::Io`] and its like. After any but [`Error::Interrupted`], the
/// tree is as it was.
pub fn apply(flat: &Flat, tree: &Tree, options: Options) -> Result<Changes> {
    let _guard = tree.lock()?;
    let mut next = Next::find(flat, tree, options)?;
    next.mend(flat, tree, options)?;
    next.carry_out(flat, tree, options)
}

/// A tree, and what belongs in it.
#[derive(Debug)]
pub struct Job {
    /// The tree.
    pub tree: Tree,
    /// The crates.
    pub flat: Flat,
}

/// Puts crates into each of several trees, one after the other, unless one of them refuses: then none
/// of them is changed. What was done to each is in the order of `jobs`; an error there leaves the
/// other trees alone.
///
/// # Errors
///
/// Each error that was found, as for [`apply`]. Nothing is changed then, but for interrupted trees that
/// were taken back to what they were before.
pub fn apply_all(jobs: &[Job], options: Options) -> Result<Vec<Result<Changes>>, Vec<Error>> {
    let _guards = all(jobs.iter().map(|job| job.tree.lock()))?;
    let nexts = jobs
        .iter()
        .map(|job| Next::find(&job.flat, &job.tree, options));
    let mut nexts = all(nexts)?;
    // What an interrupted tree needs can be told only when it is mended, which does no harm.
    let mended = nexts.iter_mut().zip(jobs);
    all(mended.map(|(next, job)| next.mend(&job.flat, &job.tree, options)))?;
    Ok(nexts
        .into_iter()
        .zip(jobs)
        .map(|(next, job)| next.carry_out(&job.flat, &job.tree, options))
        .collect())
}

/// All results, or all errors.
fn all<T>(results: impl Iterator<Item = Result<T>>) -> Result<Vec<T>, Vec<Error>> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => good.push(value),
            Err(error) => bad.push(error),
        }
    }
    match bad.is_empty() {
        true => Ok(good),
        false => Err(bad),
    }
}

/// What is to be done to a tree.
enum Next<'a> {
    /// First something has to be taken back.
    Mend(String),
    /// This, and something was taken back already.
    Do(Box<Plan<'a>>, Changes),
}

impl<'a> Next<'a> {
    /// Finds it out, and changes nothing.
    fn find(flat: &'a Flat, tree: &Tree, options: Options) -> Result<Self> {
        if let Some(journal) = transaction::interrupted(tree)? {
            transaction::in_the_way(tree, &journal, options.overwrite_edits)?;
            return Ok(Self::Mend(journal.command));
        }
        let plan = plan(flat, tree, options)?;
        Ok(Self::Do(Box::new(plan), Changes::default()))
    }

    /// Takes back what has to be, and finds out the rest.
    fn mend(&mut self, flat: &'a Flat, tree: &Tree, options: Options) -> Result<()> {
        if matches!(self, Self::Mend(_)) && !options.dry_run {
            let mut changes = Changes::default();
            begin(tree, options, &mut changes)?;
            let plan = plan(flat, tree, options)?;
            *self = Self::Do(Box::new(plan), changes);
        }
        Ok(())
    }

    fn carry_out(self, flat: &Flat, tree: &Tree, options: Options) -> Result<Changes> {
        match self {
            Self::Mend(command) => Ok(Changes {
                undone: Some(command),
                ..Changes::default()
            }),
            Self::Do(plan, before) => {
                let mut changes = match options.dry_run {
                    true => plan.changes,
                    false => plan.carry_out(flat, tree)?,
                };
                changes.undone = before.undone;
                changes.saved.splice(0..0, before.saved);
                Ok(changes)
            }
        }
    }
}

fn plan<'a>(flat: &'a Flat, tree: &Tree, options: Options) -> Result<Plan<'a>> {
    let records = Records::load(tree)?;
    records.check_release(tree)?;
    Plan::new(flat, tree, &records, options)
}

/// Takes back what an earlier run left half-done. Says whether there is nothing more to be said,
/// since what comes next cannot be told without changing the tree.
pub(crate) fn begin(tree: &Tree, options: Options, changes: &mut Changes) -> Result<bool> {
    if options.dry_run {
        changes.undone = transaction::interrupted(tree)?.map(|journal| journal.command);
        return Ok(changes.undone.is_some());
    }
    if let Some(recovered) = transaction::recover(tree, options.overwrite_edits)? {
        changes.undone = Some(recovered.command);
        changes.saved.extend(recovered.saved);
    }
    Ok(false)
}
