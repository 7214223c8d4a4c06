// SPDX-License-Identifier: GPL-2.0

//! `mirror apply`, which puts the crates into a tree.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::compare::{Comparison, Records};
use crate::diff;
use crate::digest::Digest;
use crate::disk::{exists, read};
use crate::error::{Edit, Error, Result};
use crate::flatten::Flat;
use crate::records::{self, Pristine, PristineFile};
use crate::transaction::{self, Content, Target, BACKUP, PRISTINE};
use crate::tree::{Found, Tree, LOCK, PRIVATE};

/// How to go about an operation that changes a tree.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Overwrite and remove edited files, after a copy of them was made.
    pub overwrite_edits: bool,
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
            (0, 0, false) => f.write_str("nothing to do"),
            (0, 0, true) => f.write_str("wrote mirror.lock"),
            (written, removed, _) => write!(
                f,
                "wrote {written}, removed {removed}, left {} as they were",
                self.unchanged
            ),
        }
    }
}

impl Changes {
    /// Whether there was nothing to do.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty() && !self.lock && self.undone.is_none()
    }
}

/// Puts the flattened crates into `tree`: all of them, or none.
///
/// The files that they replace are kept for [`restore`](crate::restore). Files that are as they
/// should be are not touched.
///
/// # Errors
///
/// [`Error::Edits`] when files edited in the tree would be lost, and `options` does not say to go on
/// regardless; [`Error::Busy`]; [`Error::KernelChanged`]; [`Error::Io`] and its like. After any but
/// [`Error::Interrupted`], the tree is as it was.
pub fn apply(flat: &Flat, tree: &Tree, options: Options) -> Result<Changes> {
    let _guard = tree.lock()?;
    let mut changes = Changes::default();
    if begin(tree, options, &mut changes)? {
        return Ok(changes);
    }
    let records = Records::load(tree)?;
    records.check_release(tree)?;
    let comparison = Comparison::new(flat, tree, &records)?;
    let edited: Vec<&str> = match records.applied() {
        // What is there before the first time is the original, whoever wrote it.
        false => Vec::new(),
        true => comparison.edits().collect(),
    };
    if !edited.is_empty() && !options.overwrite_edits {
        let edits = edited.iter().map(|path| edit(flat, tree, path));
        return Err(Error::Edits {
            tree: tree.root().to_owned(),
            interrupted: None,
            edits: edits.collect::<Result<_>>()?,
        });
    }

    let originals: Vec<_> = comparison
        .found
        .iter()
        .filter(|(path, _)| !records.applied() || records.is_untouched(path))
        .collect();
    let mut targets = Vec::new();
    targets.extend(list_of_backup(tree, &records, &originals)?);
    targets.extend(files(flat, &comparison, &mut changes));
    if comparison.lock_now.as_ref() != Some(&comparison.lock) {
        changes.lock = true;
        targets.push(Target {
            path: LOCK.to_owned(),
            before: comparison.lock_now.as_deref().map(Digest::of),
            after: Some(Content::plain(comparison.lock.clone())),
        });
    }
    if options.dry_run {
        return Ok(changes);
    }

    transaction::tidy(tree)?;
    if targets.is_empty() {
        return Ok(changes);
    }
    if !edited.is_empty() {
        changes.saved.push(transaction::save(tree, edited)?);
    }
    if let Err(error) = back_up(tree, &originals) {
        let _ = transaction::tidy(tree);
        return Err(error);
    }
    transaction::commit(tree, "apply", &targets)?;
    Ok(changes)
}

/// The crates' files, as far as they change.
fn files(flat: &Flat, comparison: &Comparison, changes: &mut Changes) -> Vec<Target> {
    let mut targets = Vec::new();
    for (path, found) in &comparison.found {
        if !flat.files.contains_key(path) {
            changes.removed.push(path.clone());
            targets.push(Target {
                path: path.clone(),
                before: Some(found.digest.clone()),
                after: None,
            });
        }
    }
    for (path, file) in &flat.files {
        let before = comparison.found.get(path).map(|found| found.digest.clone());
        if before.as_ref() == Some(file.digest()) {
            changes.unchanged += 1;
            continue;
        }
        changes.written.push(path.clone());
        targets.push(Target {
            path: path.clone(),
            before,
            after: Some(Content::plain(file.bytes().to_vec())),
        });
    }
    targets
}

/// The list of the backup with `originals` added, if that changes it.
fn list_of_backup(
    tree: &Tree,
    records: &Records,
    originals: &[(&String, &Found)],
) -> Result<Option<Target>> {
    if originals.is_empty() && records.applied() {
        return Ok(None);
    }
    let mut pristine = match &records.pristine {
        Some(pristine) => pristine.clone(),
        None => Pristine::new(tree),
    };
    for (path, file) in originals {
        pristine.add(PristineFile {
            path: path.to_string(),
            sha256: file.digest.clone(),
            mode: file.mode,
        });
    }
    let text = records::write(&pristine, "What was in the tree before `mirror apply`.");
    let path = format!("{PRIVATE}/{PRISTINE}");
    Ok(Some(Target {
        before: read(&tree.path(&path))?.as_deref().map(Digest::of),
        path,
        after: Some(Content::plain(text)),
    }))
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

/// Copies files to the backup, by their digests.
fn back_up(tree: &Tree, files: &[(&String, &Found)]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let folder = tree.private(BACKUP);
    tree.disk().create_folders(&folder)?;
    let contents: BTreeMap<_, _> = files
        .iter()
        .map(|(path, file)| (&file.digest, *path))
        .collect();
    for (digest, path) in contents {
        let source = tree.path(path);
        let bytes = read(&source)?.unwrap_or_default();
        if Digest::of(&bytes) != *digest {
            return Err(Error::ChangedMeanwhile { path: source });
        }
        let copy = folder.join(digest.as_str());
        if !exists(&copy) {
            let draft = folder.join("draft");
            tree.disk().write(&draft, &bytes, 0o644)?;
            tree.disk().rename(&draft, &copy)?;
        }
    }
    tree.disk().sync(&folder)
}

fn edit(flat: &Flat, tree: &Tree, path: &str) -> Result<Edit> {
    let now = read(&tree.path(path))?.unwrap_or_default();
    let diff = match flat.files.get(path) {
        Some(file) => diff::file(path, Some(file.bytes()), Some(&now)),
        None => String::new(),
    };
    Ok(Edit {
        path: path.to_owned(),
        diff,
    })
}
