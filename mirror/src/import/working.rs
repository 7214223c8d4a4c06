// SPDX-License-Identifier: GPL-2.0

//! Imports into the workspace's files: from a tree as it is, and from a plain diff.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use crate::compare::Records;
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::transaction;
use crate::tree::Tree;

use super::engine::{Before, Change, Engine};
use super::files::{self, Target};
use super::repository::Repository;
use super::stage::{File, Stage};
use super::{ImportError, ImportStep, Imported, Importer};

/// How alike two files are that count as one with a new name.
const ALIKE: f32 = 0.6;

pub(crate) fn tree(importer: &Importer<'_>, tree: &Tree) -> Result<Imported> {
    let _tree = tree.lock_shared()?;
    let _workspace = files::lock(&importer.workspace.root)?;
    let changes = edits(importer, tree)?;
    let store = Store::base(tree);
    into_files(importer, |engine, repository, step| {
        let find_base = |source: &str, digest: &Digest| match store.get(digest)? {
            Some(bytes) => Ok(Some(bytes)),
            None => base(repository, source, digest),
        };
        engine.change(&changes, &find_base, step)
    })
}

/// Makes the edits that `make` makes on a copy in the workspace's files, too.
pub(crate) fn into_files(
    importer: &Importer<'_>,
    make: impl FnOnce(&mut Engine<'_>, Option<&Repository<'_>>, &mut ImportStep) -> Result<()>,
) -> Result<Imported> {
    let workspace = importer.workspace;
    let repository = Repository::find(workspace)?;
    let mut engine = Engine::new(importer, Stage::of_files(workspace)?)?;
    let mut uncommitted = BTreeSet::new();
    if let Some(repository) = &repository {
        uncommitted = repository.uncommitted()?;
        let head = repository.head();
        for source in &uncommitted {
            let file = match &head {
                Some(head) => repository.file_at(head, source)?,
                None => None,
            };
            engine.committed.insert(source.clone(), file);
        }
    }
    let mut step = ImportStep::default();
    make(&mut engine, repository.as_ref(), &mut step)?;

    let mut targets = Vec::new();
    let mut in_the_way = Vec::new();
    for source in engine.stage.changed() {
        let after = engine.stage.read(source)?;
        let before = File::read(&workspace.root.join(source))?;
        if before == after {
            continue;
        }
        if uncommitted.contains(source) {
            in_the_way.push(source.clone());
        }
        targets.push(Target {
            source: source.clone(),
            before,
            after,
        });
    }
    if !in_the_way.is_empty() {
        return Err(ImportError::Uncommitted {
            path: workspace.root.clone(),
            files: in_the_way,
        }
        .into());
    }
    // What an earlier run has done already is nothing to speak of.
    let changes = |source: &str| targets.iter().any(|target| target.source == source);
    step.files.retain(|file| {
        changes(&file.source) || matches!(&file.what, super::What::Renamed(from) if changes(from))
    });
    if !importer.options.dry_run {
        files::write(&importer.disk, &workspace.root, &targets)?;
    }
    if step.files.is_empty() {
        step.skipped = Some("nothing to import");
    }
    Ok(Imported {
        steps: vec![step],
        ..Imported::default()
    })
}

/// What was edited in the tree since the last `apply`.
fn edits(importer: &Importer<'_>, tree: &Tree) -> Result<Vec<Change>> {
    if let Some(journal) = transaction::interrupted(tree)? {
        return Err(Error::InBetween {
            path: tree.root().to_owned(),
            command: journal.command,
        });
    }
    let records = Records::load(tree)?;
    let root = || tree.root().to_owned();
    records.check_release(tree)?;
    if records.lock.is_none() {
        return Err(match records.applied() {
            true => ImportError::NoLock { tree: root() }.into(),
            false => ImportError::NotApplied { tree: root() }.into(),
        });
    }

    let locked = records.locked();
    let originals = records.originals();
    let found = tree.scan(locked.keys().copied())?;
    let names: BTreeSet<&str> = found
        .keys()
        .map(String::as_str)
        .chain(locked.keys().copied())
        .collect();
    let mut changes = Vec::new();
    let mut reverted = Vec::new();
    for path in names {
        if importer.options.exclude.contains(path) {
            continue;
        }
        let before = locked.get(path).copied();
        if !tree.takes(path)? {
            continue;
        }
        let after = match found.get(path) {
            Some(found) => tree.content(path)?.map(|bytes| File {
                bytes,
                executable: found.stamp.executable,
            }),
            None => None,
        };
        let digest = after.as_ref().map(|file| Digest::of(&file.bytes));
        let executable = after.as_ref().is_some_and(|file| file.executable);
        let same = digest.as_ref() == before.map(|before| &before.digest);
        if same && executable == before.is_some_and(|before| before.executable) {
            continue;
        }
        let original = originals.get(path).map(|original| &original.digest);
        if digest.is_some() && !same && digest.as_ref() == original {
            reverted.push(path.to_owned());
            continue;
        }
        changes.push(Change {
            old: before.map(|_| path.to_owned()),
            new: after.as_ref().map(|_| path.to_owned()),
            before: before.map(|before| Before::Digest(before.digest.clone(), before.executable)),
            after,
        });
    }
    if !reverted.is_empty() {
        return Err(ImportError::Reverted {
            tree: root(),
            paths: reverted,
        }
        .into());
    }
    let store = Store::base(tree);
    renames(changes, |digest| store.get(digest))
}

/// What a file of the workspace was when it had this digest.
fn base(
    repository: Option<&Repository<'_>>,
    source: &str,
    digest: &Digest,
) -> Result<Option<Vec<u8>>> {
    let Some(repository) = repository else {
        return Ok(None);
    };
    for commit in repository.history(source)? {
        if let Some(file) = repository.file_at(&commit, source)? {
            if Digest::of(&file.bytes) == *digest {
                return Ok(Some(file.bytes));
            }
        }
    }
    Ok(None)
}

/// Makes one change of each file that went and one that came with much the same content.
fn renames(
    changes: Vec<Change>,
    base: impl Fn(&Digest) -> Result<Option<Vec<u8>>>,
) -> Result<Vec<Change>> {
    let (mut gone, rest): (Vec<_>, Vec<_>) =
        changes.into_iter().partition(|change| change.new.is_none());
    let (mut new, mut rest): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|change| change.old.is_none());
    let mut texts = BTreeMap::new();
    for (at, change) in gone.iter().enumerate() {
        if let Some(Before::Digest(digest, _)) = &change.before {
            texts.insert(at, (digest.clone(), base(digest)?));
        }
    }
    let mut pairs = BTreeMap::new();
    for (to, change) in new.iter().enumerate() {
        let Some(after) = &change.after else {
            continue;
        };
        let digest = Digest::of(&after.bytes);
        let likeness = |(was, text): &(Digest, Option<Vec<u8>>)| match text {
            _ if *was == digest => 1.0,
            Some(text) => alike(text, &after.bytes),
            None => 0.0,
        };
        let free = texts.iter().filter(|(at, _)| !pairs.contains_key(*at));
        let best = free
            .map(|(at, text)| (*at, likeness(text)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        // The empty file is like any other empty file.
        if let Some((at, likeness)) = best.filter(|_| !after.bytes.is_empty()) {
            if likeness >= ALIKE {
                pairs.insert(at, to);
            }
        }
    }
    let taken: BTreeSet<usize> = pairs.values().copied().collect();
    for (at, to) in &pairs {
        rest.push(Change {
            old: gone[*at].old.clone(),
            before: gone[*at].before.clone(),
            new: new[*to].new.clone(),
            after: new[*to].after.clone(),
        });
    }
    let mut at = 0;
    gone.retain(|_| (!pairs.contains_key(&at), at += 1).0);
    let mut at = 0;
    new.retain(|_| (!taken.contains(&at), at += 1).0);
    rest.extend(gone.into_iter().chain(new));
    rest.sort_by(|a, b| (&a.new, &a.old).cmp(&(&b.new, &b.old)));
    Ok(rest)
}

fn alike(one: &[u8], other: &[u8]) -> f32 {
    let (one, other) = (String::from_utf8_lossy(one), String::from_utf8_lossy(other));
    TextDiff::from_lines(&one, &other).ratio()
}
