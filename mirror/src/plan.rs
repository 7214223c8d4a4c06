// SPDX-License-Identifier: GPL-2.0

//! What `apply` is to do in a tree: found out first, then done.

use std::collections::BTreeMap;

use crate::apply::{Changes, Options};
use crate::compare::{Comparison, Difference, Records};
use crate::diff;
use crate::digest::Digest;
use crate::error::{Cause, Conflict, Error, Result};
use crate::flatten::Flat;
use crate::maintainers::MAINTAINERS;
use crate::merge::{excerpt, Merge};
use crate::records::{self, Pristine, PristineFile};
use crate::store::Store;
use crate::transaction::{self, Content, Target, PRISTINE};
use crate::tree::{Found, Tree, LOCK, PRIVATE};

/// All that is to be done.
pub(crate) struct Plan<'a> {
    /// What that comes to.
    pub(crate) changes: Changes,
    targets: Vec<Target<'a>>,
    /// The files to be backed up.
    originals: Vec<(String, Found)>,
    /// The files edited in the tree that are to be overwritten.
    overwritten: Vec<String>,
}

impl<'a> Plan<'a> {
    /// Changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Conflicts`], and those of a comparison.
    pub(crate) fn new(
        flat: &'a Flat,
        tree: &Tree,
        records: &Records,
        options: Options,
    ) -> Result<Self> {
        let comparison = Comparison::new(flat, tree, records)?;
        if !options.overwrite_edits {
            refuse_conflicts(flat, tree, &comparison, options)?;
        }
        let originals: Vec<_> = comparison
            .found
            .iter()
            .filter(|(path, _)| !records.applied() || records.is_untouched(path))
            .map(|(path, found)| (path.clone(), found.clone()))
            .collect();
        let mut plan = Self {
            changes: Changes::default(),
            targets: Vec::new(),
            originals,
            overwritten: Vec::new(),
        };
        plan.targets
            .extend(list_of_backup(tree, records, &plan.originals)?);
        plan.add_files(flat, &comparison, options);
        if comparison.lock_now.as_ref() != Some(&comparison.lock) {
            plan.changes.lock = true;
            plan.targets.push(Target {
                path: LOCK.to_owned(),
                before: transaction::stamp(&tree.path(LOCK))?,
                after: Some(Content::new(comparison.lock, false)),
            });
        }
        Ok(plan)
    }

    /// Adds the crates' files, as far as they change.
    fn add_files(&mut self, flat: &'a Flat, comparison: &Comparison, options: Options) {
        let changes = &mut self.changes;
        changes.unchanged = comparison.unchanged;
        let (mut removals, mut writes) = (Vec::new(), Vec::new());
        for (path, &difference) in &comparison.differences {
            if path == LOCK {
                continue;
            }
            let overwrite = options.overwrite_edits && difference.is_edit();
            if difference.is_kept() && !overwrite {
                changes.kept.insert(path.clone(), difference);
                continue;
            }
            let found = comparison.found.get(path);
            if overwrite && found.is_some() {
                self.overwritten.push(path.clone());
            }
            let wanted = flat
                .files
                .get(path)
                .map(|file| Content::new(file.bytes(), file.is_executable()));
            let after = match comparison.merges.get(path) {
                Some(Merge::Clean(content)) if difference == Difference::Merges && !overwrite => {
                    changes.merged.push(path.clone());
                    Some(content.clone())
                }
                Some(Merge::Marked(content)) if !overwrite => {
                    changes.conflicts.push(path.clone());
                    Some(content.clone())
                }
                _ => wanted,
            };
            let target = Target {
                path: path.clone(),
                before: found.map(|found| found.stamp.clone()),
                after,
            };
            match &target.after {
                None => {
                    changes.removed.push(path.clone());
                    removals.push(target);
                }
                Some(_) => {
                    changes.written.push(path.clone());
                    writes.push(target);
                }
            }
        }
        self.targets.extend(removals);
        self.targets.extend(writes);
    }

    /// Does it, or nothing.
    ///
    /// # Errors
    ///
    /// As for [`apply`](crate::apply()).
    pub(crate) fn carry_out(mut self, flat: &Flat, tree: &Tree) -> Result<Changes> {
        transaction::tidy(tree)?;
        let overwritten = self.overwritten.iter().map(String::as_str);
        if !self.overwritten.is_empty() {
            let folder = transaction::save(tree, overwritten)?;
            self.changes.saved.push(folder);
        }
        let takes_region = tree.takes(MAINTAINERS)?;
        let takes = |path: &str| takes_region || path != MAINTAINERS;
        let kept = Store::base(tree)
            .put(flat.blobs(takes))
            .and_then(|()| back_up(tree, &self.originals));
        if let Err(error) = kept {
            let _ = transaction::tidy(tree);
            return Err(error);
        }
        if !self.targets.is_empty() {
            transaction::commit(tree, "apply", &self.targets)?;
        }
        Ok(self.changes)
    }
}

/// Fails with the conflicts that `options` does not say how to go about.
fn refuse_conflicts(
    flat: &Flat,
    tree: &Tree,
    comparison: &Comparison,
    options: Options,
) -> Result<()> {
    let refused = |merge: &Merge| match merge {
        Merge::Clean(_) => false,
        Merge::Marked(_) => !options.conflict_markers,
        Merge::Refused(_) => true,
    };
    let mut conflicts = Vec::new();
    for (path, merge) in &comparison.merges {
        let Some(cause) = merge.cause().filter(|_| refused(merge)) else {
            continue;
        };
        let excerpt = match merge {
            Merge::Marked(content) => excerpt(&content.bytes),
            _ if matches!(cause, Cause::NoBase | Cause::NoLock | Cause::AddedInBoth) => {
                to_tree(flat, tree, path)?
            }
            _ => String::new(),
        };
        conflicts.push(Conflict {
            path: path.clone(),
            cause,
            excerpt,
        });
    }
    match conflicts.is_empty() {
        true => Ok(()),
        false => Err(Error::Conflicts {
            tree: tree.root().to_owned(),
            conflicts,
        }),
    }
}

/// The hunks that make of the workspace's file the tree's.
fn to_tree(flat: &Flat, tree: &Tree, path: &str) -> Result<String> {
    let now = tree.content(path)?;
    let want = flat.files.get(path).map(|file| file.bytes());
    Ok(diff::hunks(want, now.as_deref()).unwrap_or_default())
}

/// The list of the backup with `originals` added, if that changes it.
fn list_of_backup(
    tree: &Tree,
    records: &Records,
    originals: &[(String, Found)],
) -> Result<Option<Target<'static>>> {
    if originals.is_empty() && records.applied() {
        return Ok(None);
    }
    let mut pristine = match &records.pristine {
        Some(pristine) => pristine.clone(),
        None => Pristine::new(tree),
    };
    for (path, file) in originals {
        pristine.add(PristineFile {
            path: path.clone(),
            sha256: file.stamp.digest.clone(),
            mode: file.mode,
        });
    }
    let text = records::write(&pristine, "What was in the tree before `mirror apply`.");
    let path = format!("{PRIVATE}/{PRISTINE}");
    Ok(Some(Target {
        before: transaction::stamp(&tree.path(&path))?,
        path,
        after: Some(Content::new(text, false)),
    }))
}

/// Copies files to the backup, by their digests.
fn back_up(tree: &Tree, files: &[(String, Found)]) -> Result<()> {
    let mut contents: BTreeMap<&Digest, Vec<u8>> = BTreeMap::new();
    for (path, file) in files {
        let source = tree.path(path);
        let bytes = tree.content(path)?.unwrap_or_default();
        if Digest::of(&bytes) != file.stamp.digest {
            return Err(Error::ChangedMeanwhile { path: source });
        }
        contents.insert(&file.stamp.digest, bytes);
    }
    let blobs = contents.iter().map(|(digest, bytes)| (*digest, &bytes[..]));
    Store::backup(tree).put(blobs)
}
