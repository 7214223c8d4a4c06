// SPDX-License-Identifier: GPL-2.0

//! Changes many files as one: all of them, or none.
//!
//! An operation goes through these steps, each of which may be the last before the power fails:
//!
//! 1. The new contents are written to `.mirror/new/`, and each file that is to be changed gets a
//!    second name in `.mirror/old/`. The tree proper is untouched.
//! 2. The journal appears, complete, by a rename. From here on the tree may be in between.
//! 3. The new files are renamed into their places. This needs no space on the disk.
//! 4. The journal is removed. From here on the operation has happened.
//! 5. What is left in `.mirror/` is tidied away.
//!
//! A journal that is found later tells of an operation that was stopped in 3. It is taken back by
//! giving the files in `.mirror/old/` their first names again, which can itself be stopped and begun
//! anew at any point. The same happens at once when a step of 3 fails.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::digest::Stamp;
use crate::disk::{exists, mode, read};
use crate::error::{Edit, Error, Result};
use crate::maintainers::{Region, MAINTAINERS};
use crate::records::{self, Change, Journal, Lock, Pristine};
use crate::store::Store;
use crate::tree::{self, Tree, LOCK, PRIVATE};

const JOURNAL: &str = "journal.toml";
const NEW: &str = "new";
const OLD: &str = "old";

/// The list of the backup, in the private folder.
pub(crate) const PRISTINE: &str = "pristine.toml";
/// The folder of the backup, in the private folder.
pub(crate) const BACKUP: &str = "pristine";
/// The folder of edits that were overwritten on demand, in the private folder.
const SAVED: &str = "saved";

/// A file that is to be another one.
#[derive(Clone)]
pub(crate) struct Target<'a> {
    /// Its path in the tree.
    pub(crate) path: String,
    /// What it is now; none where there is no such file.
    pub(crate) before: Option<Stamp>,
    /// What it is to be; none to remove it.
    pub(crate) after: Option<Content<'a>>,
}

/// What a file is to be.
#[derive(Clone)]
pub(crate) struct Content<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) mode: u32,
}

impl<'a> Content<'a> {
    pub(crate) fn new(bytes: impl Into<Cow<'a, [u8]>>, executable: bool) -> Self {
        Self {
            bytes: bytes.into(),
            mode: if executable { 0o755 } else { 0o644 },
        }
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp::of(&self.bytes, self.mode)
    }
}

/// The journal of an operation that was stopped half-way, if there is one.
pub(crate) fn interrupted(tree: &Tree) -> Result<Option<Journal>> {
    let path = tree.private(JOURNAL);
    let journal: Option<Journal> = records::load(&path)?;
    for change in journal.iter().flat_map(|journal| &journal.changes) {
        check_path(&path, &change.path)?;
    }
    Ok(journal)
}

/// Where the file `path` is as it will be once what was stopped half-way is taken back; none if there
/// will be no such file.
pub(crate) fn settled(tree: &Tree, path: &str) -> Result<Option<PathBuf>> {
    let now = tree.path(path);
    let Some(journal) = interrupted(tree)? else {
        return Ok(Some(now));
    };
    let mut changes = journal.changes.iter().enumerate();
    let Some((at, change)) = changes.find(|(_, change)| change.path == path) else {
        return Ok(Some(now));
    };
    let kept = tree.private(OLD).join(at.to_string());
    Ok(match change.before() {
        None => None,
        Some(_) if exists(&kept) => Some(kept),
        Some(_) => Some(now),
    })
}

/// Refuses a record that names a file outside of the crates' places.
pub(crate) fn check_path(record: &Path, path: &str) -> Result<()> {
    let private = path
        .strip_prefix(PRIVATE)
        .is_some_and(|name| name.strip_prefix('/') == Some(PRISTINE));
    if private || path == LOCK || path == MAINTAINERS || tree::may_write(path) {
        Ok(())
    } else {
        Err(Error::Record {
            path: record.to_owned(),
            reason: format!("it names `{path}`, which is not a file of the crates"),
        })
    }
}

/// Makes all of `targets` what they are to be, or leaves all as they are.
///
/// The crates' sections are what a target says of MAINTAINERS; the rest of that file stays as it is.
pub(crate) fn commit(tree: &Tree, command: &str, targets: &[Target<'_>]) -> Result<()> {
    let targets = &*with_whole_files(tree, targets)?;
    let prepared = prepare(tree, command, targets);
    if let Err(error) = prepared {
        // Without a journal nothing has happened; what cannot be tidied now is the next run's.
        if !exists(&tree.private(JOURNAL)) {
            let _ = tidy(tree);
            return Err(error);
        }
        return Err(undo(tree, error));
    }
    match carry_out(tree, targets) {
        Ok(folders) => end(tree, folders).map_err(|error| undo(tree, error)),
        Err(error) => Err(undo(tree, error)),
    }
}

fn with_whole_files<'t, 'c>(
    tree: &Tree,
    targets: &'t [Target<'c>],
) -> Result<Cow<'t, [Target<'c>]>> {
    let Some(at) = targets.iter().position(|target| target.path == MAINTAINERS) else {
        return Ok(Cow::Borrowed(targets));
    };
    let mut targets = targets.to_vec();
    let target = &mut targets[at];
    let path = tree.path(MAINTAINERS);
    let changed = || Error::ChangedMeanwhile { path: path.clone() };
    let file = tree.maintainers()?;
    let region = Region::find(&file);
    let now = (!region.is_empty()).then(|| Stamp::of(region, 0));
    if now != target.before {
        return Err(changed());
    }
    let region = target.after.take();
    let region = region.as_ref().map_or(&b""[..], |content| &content.bytes);
    let mode = path.metadata().map_or(0o644, |metadata| mode(&metadata));
    target.before = Some(Stamp::of(&file, mode));
    target.after = Some(Content {
        bytes: Region::splice(&file, region).ok_or_else(changed)?.into(),
        mode,
    });
    Ok(Cow::Owned(targets))
}

fn undo(tree: &Tree, cause: Error) -> Error {
    match recover(tree, false) {
        Ok(_) => cause,
        Err(undo) => Error::Interrupted {
            tree: tree.root().to_owned(),
            cause: Box::new(cause),
            undo: Box::new(undo),
        },
    }
}

fn prepare(tree: &Tree, command: &str, targets: &[Target<'_>]) -> Result<()> {
    let new = tree.private(NEW);
    let old = tree.private(OLD);
    tree.disk().create_folders(&new)?;
    tree.disk().create_folders(&old)?;
    for (at, target) in targets.iter().enumerate() {
        if let Some(content) = &target.after {
            tree.disk()
                .write(&new.join(at.to_string()), &content.bytes, content.mode)?;
        }
        if let Some(before) = &target.before {
            let kept = old.join(at.to_string());
            let path = tree.path(&target.path);
            tree.disk().link(&path, &kept)?;
            if stamp(&kept)?.as_ref() != Some(before) {
                return Err(Error::ChangedMeanwhile { path });
            }
        }
    }
    let written = targets.iter().enumerate();
    let written = written.filter(|(_, target)| target.after.is_some());
    let mut paths: Vec<_> = written.map(|(at, _)| new.join(at.to_string())).collect();
    paths.extend([new.clone(), old, tree.path("rust/kernel")]);
    tree.disk().sync_all(&paths)?;

    let changes = targets.iter().map(|target| {
        let after = target.after.as_ref().map(Content::stamp);
        Change::new(&target.path, target.before.as_ref(), after.as_ref())
    });
    let journal = Journal::new(command, changes.collect());
    let text = records::write(
        &journal,
        "The journal of `mirror`: an operation is under way.",
    );
    let draft = new.join(JOURNAL);
    tree.disk().write(&draft, &text, 0o644)?;
    tree.disk().sync(&draft)?;
    tree.disk().rename(&draft, &tree.private(JOURNAL))?;
    tree.disk().sync(&tree.path(PRIVATE))
}

/// Puts the new files into their places, and says which folders they are in.
fn carry_out(tree: &Tree, targets: &[Target<'_>]) -> Result<BTreeSet<PathBuf>> {
    let mut folders = BTreeSet::new();
    for (at, target) in targets.iter().enumerate() {
        let path = tree.path(&target.path);
        match &target.after {
            Some(_) => {
                if let Some(parent) = path.parent() {
                    tree.disk().create_folders(parent)?;
                }
                let staged = tree.private(NEW).join(at.to_string());
                // A build that began meanwhile must find the file newer than what it made.
                tree.disk().touch(&staged)?;
                tree.disk().rename(&staged, &path)?;
            }
            None => {
                tree.disk().remove(&path)?;
            }
        }
        folders.extend(above(tree, &path));
    }
    let removed = targets.iter().filter(|target| target.after.is_none());
    for target in removed {
        remove_empty_above(tree, &target.path)?;
    }
    Ok(folders)
}

/// Ends an operation, or its undoing: it has happened once the journal is gone.
fn end(tree: &Tree, folders: BTreeSet<PathBuf>) -> Result<()> {
    let folders: Vec<_> = folders.into_iter().filter(|path| path.is_dir()).collect();
    tree.disk().sync_all(&folders)?;
    tree.disk().remove(&tree.private(JOURNAL))?;
    // What the journal needs goes only when the journal is sure not to come back with the power.
    if tree.disk().sync(&tree.path(PRIVATE)).is_ok() {
        let _ = tidy(tree);
    }
    Ok(())
}

/// The folders that a change of `path` may change: the one it is in, and those above, in case that
/// one comes or goes. The top folder itself neither comes nor goes.
fn above(tree: &Tree, path: &Path) -> impl Iterator<Item = PathBuf> {
    let top = tree.root().to_owned();
    let parent = path.parent().map(Path::to_owned);
    let folders: Vec<_> = path.ancestors().skip(1).map(Path::to_owned).collect();
    folders
        .into_iter()
        .take_while(move |folder| *folder != top || Some(folder) == parent.as_ref())
}

fn remove_empty_above(tree: &Tree, path: &str) -> Result<()> {
    let mut folder = path;
    while let Some((above, _)) = folder.rsplit_once('/') {
        folder = above;
        let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
        let is_own = tree::has_folders(above) && folder != PRIVATE;
        if !is_own || !tree.disk().remove_empty_folder(&tree.path(folder))? {
            break;
        }
    }
    Ok(())
}

/// What was found to be undone.
pub(crate) struct Recovered {
    /// The command that was stopped.
    pub(crate) command: String,
    /// Where edits made since were saved.
    pub(crate) saved: Option<PathBuf>,
}

/// Takes back an operation that was stopped half-way, if there was one.
pub(crate) fn recover(tree: &Tree, overwrite: bool) -> Result<Option<Recovered>> {
    let Some(journal) = interrupted(tree)? else {
        return Ok(None);
    };
    let edited = in_the_way(tree, &journal, overwrite)?;
    let mut saved = None;
    if !edited.is_empty() {
        saved = Some(save(tree, edited.iter().map(String::as_str))?);
    }

    let mut folders = BTreeSet::new();
    for (at, change) in journal.changes.iter().enumerate().rev() {
        let path = tree.path(&change.path);
        let before = change.before();
        if stamp(&path)? == before || is_in_place(tree, at, &path) {
            continue;
        }
        folders.extend(above(tree, &path));
        match before {
            None => tree.disk().remove(&path)?,
            Some(before) => {
                let kept = tree.private(OLD).join(at.to_string());
                if stamp(&kept)?.as_ref() != Some(&before) {
                    return Err(Error::BackupDamaged {
                        path: kept,
                        wanted: change.path.clone(),
                    });
                }
                if let Some(parent) = path.parent() {
                    tree.disk().create_folders(parent)?;
                }
                // A build may have seen the other content: this one must be newer than that.
                tree.disk().touch(&kept)?;
                tree.disk().rename(&kept, &path)?;
            }
        }
    }
    for change in journal
        .changes
        .iter()
        .filter(|change| change.before().is_none())
    {
        remove_empty_above(tree, &change.path)?;
    }
    end(tree, folders)?;
    Ok(Some(Recovered {
        command: journal.command,
        saved,
    }))
}

/// Fails if [`recover`] would refuse to take back what `journal` tells of; else the files edited
/// since, which `overwrite` allows to lose.
pub(crate) fn in_the_way(tree: &Tree, journal: &Journal, overwrite: bool) -> Result<Vec<String>> {
    let edited = edited_since(tree, journal)?;
    if edited.is_empty() || overwrite {
        return Ok(edited);
    }
    let edits = edited.into_iter().map(|path| Edit {
        path,
        diff: String::new(),
    });
    Err(Error::Edits {
        tree: tree.root().to_owned(),
        interrupted: Some(journal.command.clone()),
        edits: edits.collect(),
    })
}

/// The files that are neither what the stopped operation found nor what it wanted.
fn edited_since(tree: &Tree, journal: &Journal) -> Result<Vec<String>> {
    let mut edited = Vec::new();
    for (at, change) in journal.changes.iter().enumerate() {
        let path = tree.path(&change.path);
        if is_in_place(tree, at, &path) {
            continue;
        }
        let now = stamp(&path)?;
        let before = change.before();
        // A file whose first state is no longer kept is back in that state, or was edited in it.
        let undone = before.is_some() && !exists(&tree.private(OLD).join(at.to_string()));
        if now.is_some() && now != before && now != change.after() && !undone {
            edited.push(change.path.clone());
        }
    }
    Ok(edited)
}

/// Whether the file number `at` is still the one that the operation found, so that there is nothing
/// to take back: whatever someone wrote into it since stays there.
fn is_in_place(tree: &Tree, at: usize, path: &Path) -> bool {
    let file = |path: &Path| {
        let metadata = path.symlink_metadata().ok()?;
        Some((metadata.dev(), metadata.ino()))
    };
    let kept = file(&tree.private(OLD).join(at.to_string()));
    kept.is_some() && kept == file(path)
}

/// Copies edited files to where no later command touches them, and says where that is.
pub(crate) fn save<'a>(tree: &Tree, paths: impl IntoIterator<Item = &'a str>) -> Result<PathBuf> {
    let all = tree.private(SAVED);
    let folder = (1..)
        .map(|number: u32| all.join(number.to_string()))
        .find(|folder| !exists(folder))
        .unwrap_or_else(|| all.clone());
    let mut copies = Vec::new();
    for path in paths {
        // Not the name of a source, or `make rustfmt` would find it.
        let copy = folder.join(format!("{path}.edited"));
        if let Some(parent) = copy.parent() {
            tree.disk().create_folders(parent)?;
        }
        if let Some(bytes) = read(&tree.path(path))? {
            tree.disk().write(&copy, &bytes, 0o644)?;
            copies.push(copy);
        }
    }
    tree.disk().create_folders(&folder)?;
    let folders: BTreeSet<_> = copies
        .iter()
        .flat_map(|copy| copy.ancestors().skip(1))
        .filter(|above| above.starts_with(&all))
        .map(Path::to_owned)
        .chain([folder.clone(), all.clone()])
        .collect();
    copies.extend(folders);
    tree.disk().sync_all(&copies)?;
    Ok(folder)
}

/// Removes what a complete or a never begun operation left in the private folder.
pub(crate) fn tidy(tree: &Tree) -> Result<()> {
    if !exists(&tree.path(PRIVATE)) {
        return Ok(());
    }
    tree.disk().remove_own_folder(&tree.private(NEW))?;
    tree.disk().remove_own_folder(&tree.private(OLD))?;
    let pristine: Option<Pristine> = records::load(&tree.private(PRISTINE))?;
    Store::backup(tree).tidy(&pristine.as_ref().map(Pristine::blobs).unwrap_or_default())?;
    let lock: Option<Lock> = records::load(&tree.path(LOCK))?;
    Store::base(tree).tidy(&lock.as_ref().map(Lock::blobs).unwrap_or_default())?;
    tree.disk()
        .remove_empty_folder(&tree.path(PRIVATE))
        .map(drop)
}

pub(crate) fn stamp(path: &Path) -> Result<Option<Stamp>> {
    let Ok(metadata) = path.metadata() else {
        return Ok(None);
    };
    if metadata.is_dir() {
        return Ok(None);
    }
    Ok(read(path)?.map(|bytes| Stamp::of(&bytes, mode(&metadata))))
}
