// SPDX-License-Identifier: GPL-2.0

//! Writes to the workspace's own files.
//!
//! The new contents are written aside first, which is where a full disk shows, and then renamed into
//! place one by one. What fails is taken back; when all is stopped, the same import finds the rest
//! still to do.

use std::collections::BTreeSet;
use std::fs::{File as Handle, TryLockError};
use std::path::{Path, PathBuf};

use crate::disk::{exists, Disk};
use crate::error::{Error, Result};

use super::stage::File;
use super::ImportError;

/// The folder of the new contents, in the workspace: on the same file system, and hidden.
const DRAFTS: &str = ".mirror-import";

/// A file of the workspace that is to be another one.
pub(crate) struct Target {
    pub(crate) source: String,
    pub(crate) before: Option<File>,
    pub(crate) after: Option<File>,
}

/// Keeps other imports out of a workspace for as long as the result lives.
pub(crate) fn lock(root: &Path) -> Result<Handle> {
    let folder = Handle::open(root).map_err(Error::io("open", root))?;
    match folder.try_lock() {
        Ok(()) => Ok(folder),
        Err(TryLockError::WouldBlock) => Err(ImportError::Busy {
            path: root.to_owned(),
        }
        .into()),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", root)(error)),
    }
}

/// Makes the files what they are to be.
pub(crate) fn write(disk: &Disk, root: &Path, targets: &[Target]) -> Result<()> {
    let drafts = root.join(DRAFTS);
    if drafts.is_symlink() {
        return Err(Error::Symlink { path: drafts });
    }
    disk.remove_own_folder(&drafts)?;
    if targets.is_empty() {
        return Ok(());
    }
    for target in targets {
        no_symlink(root, &target.source)?;
    }
    if let Err(error) = prepare(disk, root, &drafts, targets) {
        return Err(given_up(disk, root, &drafts, &[], targets, error));
    }
    // New names come before old ones go, so that nothing is ever nowhere.
    let (gone, written): (Vec<_>, Vec<_>) = targets
        .iter()
        .enumerate()
        .partition(|(_, target)| target.after.is_none());
    let mut done = Vec::new();
    for (at, target) in written.into_iter().chain(gone) {
        if let Err(error) = replace(disk, root, &drafts, at, target) {
            return Err(given_up(disk, root, &drafts, &done, targets, error));
        }
        done.push((at, target));
    }

    let folders: BTreeSet<_> = targets
        .iter()
        .filter_map(|target| Some(root.join(&target.source).parent()?.to_owned()))
        .collect();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        disk.sync(folder)?;
    }
    for target in targets.iter().filter(|target| target.after.is_none()) {
        remove_empty_above(disk, root, &target.source)?;
    }
    disk.remove_own_folder(&drafts)
}

/// Does all that takes space: from then on names are exchanged, and nothing else.
fn prepare(disk: &Disk, root: &Path, drafts: &Path, targets: &[Target]) -> Result<()> {
    disk.create_folders(drafts)?;
    for (at, target) in targets.iter().enumerate() {
        let path = root.join(&target.source);
        if let Some(file) = &target.after {
            disk.write(&new(drafts, at), &file.bytes, mode(file))?;
            if let Some(folder) = path.parent() {
                disk.create_folders(folder)?;
            }
        }
        if target.before.is_some() {
            disk.link(&path, &old(drafts, at))?;
        }
    }
    let written = targets
        .iter()
        .enumerate()
        .filter(|(_, target)| target.after.is_some());
    for (at, _) in written {
        disk.sync(&new(drafts, at))?;
    }
    Ok(())
}

fn new(drafts: &Path, at: usize) -> PathBuf {
    drafts.join(format!("new-{at}"))
}

fn old(drafts: &Path, at: usize) -> PathBuf {
    drafts.join(format!("old-{at}"))
}

/// Takes back what was done, as far as that goes: what cannot be taken back is in the wanted state,
/// and the next run completes it.
fn given_up(
    disk: &Disk,
    root: &Path,
    drafts: &Path,
    done: &[(usize, &Target)],
    targets: &[Target],
    error: Error,
) -> Error {
    for (at, target) in done.iter().rev() {
        let path = root.join(&target.source);
        let _ = match &target.before {
            None => disk.remove(&path),
            Some(_) => disk.rename(&old(drafts, *at), &path),
        };
    }
    for target in targets.iter().filter(|target| target.before.is_none()) {
        let _ = remove_empty_above(disk, root, &target.source);
    }
    let _ = disk.remove_own_folder(drafts);
    error
}

fn mode(file: &File) -> u32 {
    if file.executable {
        0o755
    } else {
        0o644
    }
}

fn replace(disk: &Disk, root: &Path, drafts: &Path, at: usize, target: &Target) -> Result<()> {
    let path = root.join(&target.source);
    if File::read(&path)? != target.before {
        return Err(Error::ChangedMeanwhile { path });
    }
    match &target.after {
        None => disk.remove(&path),
        Some(_) => disk.rename(&new(drafts, at), &path),
    }
}

fn remove_empty_above(disk: &Disk, root: &Path, source: &str) -> Result<()> {
    let mut folder = root.join(source);
    while folder.pop() && folder != root {
        let is_top = folder.join("Cargo.toml").exists() || folder.ends_with("src");
        if is_top || !exists(&folder) || !disk.remove_empty_folder(&folder)? {
            break;
        }
    }
    Ok(())
}

fn no_symlink(root: &Path, source: &str) -> Result<()> {
    let mut path = PathBuf::from(root);
    for part in source.split('/') {
        path.push(part);
        if path.is_symlink() {
            return Err(Error::Symlink { path });
        }
    }
    Ok(())
}
