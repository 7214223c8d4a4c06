// SPDX-License-Identifier: GPL-2.0

//! Contents that are kept in the private folder, each in a file that its digest names.
//!
//! What was written is on the disk before a record names it, and what no record names is removed
//! before anything is written. So whatever has a name that counts is whole; all the same it is
//! looked at again when it is used.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::digest::Digest;
use crate::disk::read;
use crate::error::{Error, Result};
use crate::transaction::BACKUP;
use crate::tree::Tree;

/// The folder of what the files were when they were applied, in the private folder.
const BASE: &str = "base";

/// A folder of contents.
pub(crate) struct Store<'a> {
    tree: &'a Tree,
    folder: PathBuf,
}

impl<'a> Store<'a> {
    /// What was in the crates' places before the first `apply`.
    pub(crate) fn backup(tree: &'a Tree) -> Self {
        Self {
            tree,
            folder: tree.private(BACKUP),
        }
    }

    /// What the latest `apply` wanted the files to be: the base of later merges. Files of the tree
    /// are no such thing, not even by a hard link, for editors write in place.
    pub(crate) fn base(tree: &'a Tree) -> Self {
        Self {
            tree,
            folder: tree.private(BASE),
        }
    }

    /// Where the content with this digest is, if it is there.
    pub(crate) fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.as_str())
    }

    /// The content with this digest; none if it is missing or damaged.
    pub(crate) fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        let bytes = read(&self.path(digest))?;
        Ok(bytes.filter(|bytes| Digest::of(bytes) == *digest))
    }

    /// Whether it seems to be there: one of the same length is.
    pub(crate) fn has(&self, digest: &Digest, bytes: &[u8]) -> bool {
        let metadata = fs::symlink_metadata(self.path(digest));
        metadata.is_ok_and(|metadata| metadata.is_file() && metadata.len() == bytes.len() as u64)
    }

    /// Adds those of `blobs` that are missing, and sees to it that they reach the disk.
    pub(crate) fn put<'b>(
        &self,
        blobs: impl IntoIterator<Item = (&'b Digest, &'b [u8])>,
    ) -> Result<()> {
        let disk = self.tree.disk();
        let mut written = BTreeSet::new();
        for (digest, bytes) in blobs {
            if written.contains(digest) || self.has(digest, bytes) {
                continue;
            }
            disk.create_folders(&self.folder)?;
            disk.write(&self.path(digest), bytes, 0o644)?;
            written.insert(digest);
        }
        if written.is_empty() {
            return Ok(());
        }
        let mut paths: Vec<_> = written.iter().map(|digest| self.path(digest)).collect();
        paths.push(self.folder.clone());
        paths.extend(self.folder.parent().map(Path::to_owned));
        disk.sync_all(&paths)
    }

    /// Removes all but what is in `keep`.
    pub(crate) fn tidy(&self, keep: &BTreeSet<&Digest>) -> Result<()> {
        if keep.is_empty() {
            return self.tree.disk().remove_own_folder(&self.folder);
        }
        let keep: BTreeSet<&str> = keep.iter().map(|digest| digest.as_str()).collect();
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io("read", &self.folder)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(Error::io("read", &self.folder))?;
            let name = entry.file_name();
            if !name.to_str().is_some_and(|name| keep.contains(name)) {
                self.tree.disk().remove(&entry.path())?;
            }
        }
        Ok(())
    }
}
