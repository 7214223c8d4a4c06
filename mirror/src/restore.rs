// SPDX-License-Identifier: GPL-2.0

//! `mirror restore`, which takes the crates out of a tree again.

use crate::apply::{begin, Changes, Options};
use crate::compare::Records;
use crate::diff;
use crate::digest::Stamp;
use crate::error::{Edit, Error, Result};
use crate::maintainers::MAINTAINERS;
use crate::store::Store;
use crate::transaction::{self, Content, Target, PRISTINE};
use crate::tree::{Tree, LOCK, PRIVATE};

/// Makes `tree` what it was before the first [`apply`](crate::apply), byte for byte.
///
/// The workspace has no part in this. In a tree that nothing was put into, nothing happens.
///
/// # Errors
///
/// As for [`apply`](crate::apply); [`Error::NoBackup`] and [`Error::BackupDamaged`] when the tree
/// lacks what it takes.
pub fn restore(tree: &Tree, options: Options) -> Result<Changes> {
    let _guard = tree.lock()?;
    let mut changes = Changes::default();
    if begin(tree, options, &mut changes)? {
        return Ok(changes);
    }
    let records = Records::load(tree)?;
    if !records.applied() {
        if !options.dry_run {
            transaction::tidy(tree)?;
        }
        return Ok(changes);
    }
    let Some(pristine) = &records.pristine else {
        return Err(Error::NoBackup {
            path: tree.root().to_owned(),
        });
    };
    records.check_release(tree)?;

    let locked = records.locked();
    let originals = records.originals();
    let names = locked.keys().chain(originals.keys()).copied();
    let found = tree.scan(names)?;
    let edited: Vec<&str> = found
        .iter()
        .map(|(path, file)| (path.as_str(), &file.stamp))
        .filter(|(path, stamp)| {
            locked.get(path) != Some(stamp) && originals.get(path) != Some(stamp)
        })
        .map(|(path, _)| path)
        .collect();
    if !edited.is_empty() && !options.overwrite_edits {
        let edits = edited
            .into_iter()
            .map(|path| edit(tree, path, locked.get(path).copied()));
        return Err(Error::Edits {
            tree: tree.root().to_owned(),
            interrupted: None,
            edits: edits.collect::<Result<_>>()?,
        });
    }

    let backup = Store::backup(tree);
    let mut targets = Vec::new();
    for (path, file) in &found {
        if !originals.contains_key(path.as_str()) {
            match path == MAINTAINERS {
                true => changes.written.push(path.clone()),
                false => changes.removed.push(path.clone()),
            }
            targets.push(Target {
                path: path.clone(),
                before: Some(file.stamp.clone()),
                after: None,
            });
        }
    }
    for file in pristine.files() {
        let before = found.get(&file.path).map(|found| found.stamp.clone());
        if before.as_ref() == Some(&file.stamp()) {
            changes.unchanged += 1;
            continue;
        }
        let Some(bytes) = backup.get(&file.sha256)? else {
            return Err(Error::BackupDamaged {
                path: backup.path(&file.sha256),
                wanted: file.path.clone(),
            });
        };
        changes.written.push(file.path.clone());
        targets.push(Target {
            path: file.path.clone(),
            before,
            after: Some(Content {
                bytes: bytes.into(),
                mode: file.mode,
            }),
        });
    }
    for path in [LOCK.to_owned(), format!("{PRIVATE}/{PRISTINE}")] {
        let before = transaction::stamp(&tree.path(&path))?;
        if before.is_some() {
            changes.lock = true;
            targets.push(Target {
                path,
                before,
                after: None,
            });
        }
    }

    if options.dry_run {
        return Ok(changes);
    }
    transaction::tidy(tree)?;
    if !edited.is_empty() {
        changes.saved.push(transaction::save(tree, edited)?);
    }
    transaction::commit(tree, "restore", &targets)?;
    Ok(changes)
}

/// What was edited in the file `path`, as far as it is known what that was before.
fn edit(tree: &Tree, path: &str, base: Option<&Stamp>) -> Result<Edit> {
    let base = match base {
        Some(stamp) => Store::base(tree).get(&stamp.digest)?,
        None => None,
    };
    let now = tree.content(path)?;
    Ok(Edit {
        path: path.to_owned(),
        diff: base
            .and_then(|base| diff::hunks(Some(&base), now.as_deref()))
            .unwrap_or_default(),
    })
}
