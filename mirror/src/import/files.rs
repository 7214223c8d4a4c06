// SPDX-License-Identifier: GPL-2.0

//! Writes to the workspace's own files.
//!
//! The new contents are written aside first, which is where a full disk shows, and then renamed into
//! place one by one. When that is stopped, the same import finds the rest still to do.

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
    disk.create_folders(&drafts)?;
    for (at, target) in targets.iter().enumerate() {
        if let Some(file) = &target.after {
            disk.write(&drafts.join(at.to_string()), &file.bytes, mode(file))?;
        }
    }
    for (at, _) in targets
        .iter()
        .enumerate()
        .filter(|(_, target)| target.after.is_some())
    {
        disk.sync(&drafts.join(at.to_string()))?;
    }

    // New names come before old ones go, so that nothing is ever nowhere.
    let (gone, written): (Vec<_>, Vec<_>) = targets
        .iter()
        .enumerate()
        .partition(|(_, target)| target.after.is_none());
    let mut done = Vec::new();
    for (at, target) in written.into_iter().chain(gone) {
        if let Err(error) = replace(disk, root, &drafts.join(at.to_string()), target) {
            for target in done.into_iter().rev() {
                take_back(disk, root, &drafts.join("back"), target);
            }
            let _ = disk.remove_own_folder(&drafts);
            return Err(error);
        }
        done.push(target);
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

fn mode(file: &File) -> u32 {
    if file.executable {
        0o755
    } else {
        0o644
    }
}

fn replace(disk: &Disk, root: &Path, draft: &Path, target: &Target) -> Result<()> {
    let path = root.join(&target.source);
    if File::read(&path)? != target.before {
        return Err(Error::ChangedMeanwhile { path });
    }
    if target.after.is_none() {
        return disk.remove(&path);
    }
    if let Some(folder) = path.parent() {
        disk.create_folders(folder)?;
    }
    disk.rename(draft, &path)
}

/// As far as it goes: what stays behind is the wanted state, and the next run's to complete.
fn take_back(disk: &Disk, root: &Path, draft: &Path, target: &Target) {
    let path = root.join(&target.source);
    let _ = match &target.before {
        None => disk.remove(&path),
        Some(file) => disk
            .write(draft, &file.bytes, mode(file))
            .and_then(|()| disk.rename(draft, &path)),
    };
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
