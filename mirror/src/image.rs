// SPDX-License-Identifier: GPL-2.0

//! A crate as the files that have a part in a tree, and which part that is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::digest::{is_executable, Digest};
use crate::disk::{mode, read};
use crate::error::{Error, Result};
use crate::tree;
use crate::workspace::{Dest, Package};

const ROOT: &str = "src/lib.rs";
const README: &str = "README.md";
const HELPERS: &str = "helpers";

/// A crate, and those of its files that have a part in a tree.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) package: Package,
    /// By their names in the crate: `src/lib.rs`, `helpers/mutex.c`.
    pub(crate) files: BTreeMap<String, File>,
}

/// A file of a crate.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    pub(crate) executable: bool,
}

impl From<Vec<u8>> for File {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            executable: false,
        }
    }
}

/// What becomes of a crate's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is this file of the tree.
    File(String),
    /// It is a part of `kernel`'s root.
    Seam,
    /// It is a part of what bindgen reads.
    Header,
    /// The same of user space's interface.
    Uapi,
    /// It documents `kernel`.
    Docs,
}

impl Image {
    /// Reads the crate.
    pub(crate) fn read(package: &Package) -> Result<Self> {
        let root = &package.root;
        let mut names = walk(root, "src")?;
        if root.join(HELPERS).is_dir() {
            names.extend(walk(root, HELPERS)?);
        }
        let mut files = BTreeMap::new();
        for name in names {
            let path = root.join(&name);
            let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
            let metadata = fs::metadata(&path).map_err(Error::io("read", &path))?;
            let executable = is_executable(mode(&metadata));
            files.insert(name, File { bytes, executable });
        }
        for name in ["bindings.h", "uapi.h"] {
            if let Some(bytes) = read(&root.join(name))? {
                files.insert(name.to_owned(), bytes.into());
            }
        }
        if package.is_facade() {
            // What documents `kernel`: the facade's README, or as much as its manifest says.
            let docs = read(&root.join(README))?;
            let docs = docs.unwrap_or_else(|| package.description.clone().into_bytes());
            files.insert(README.to_owned(), docs.into());
        }
        Ok(Self {
            package: package.clone(),
            files,
        })
    }

    /// One digest for all files and their names.
    pub(crate) fn digest(&self) -> Digest {
        let files = self.files.iter();
        let digests: Vec<_> = files
            .map(|(name, file)| (name.as_str(), Digest::of(&file.bytes)))
            .collect();
        Digest::of_list(digests.iter().map(|(name, digest)| (*name, digest)))
    }
}

/// What becomes of the file `name` of `package`.
pub(crate) fn place(package: &Package, name: &str) -> Result<Place> {
    let refuse = |path: String| Error::NotOurs {
        path,
        source_path: package.root.join(name),
    };
    if let Some(helper) = name.strip_prefix("helpers/") {
        let path = format!("rust/helpers/{helper}");
        return match helper.contains('/') || !helper.ends_with(".c") {
            true => Err(refuse(path)),
            false => Ok(Place::File(path)),
        };
    }
    let source = match name {
        "bindings.h" => return Ok(Place::Header),
        "uapi.h" => return Ok(Place::Uapi),
        README => return Ok(Place::Docs),
        ROOT if package.dest == Dest::Kernel => return Ok(Place::Seam),
        name => name.strip_prefix("src/").unwrap_or(name),
    };
    let path = match &package.dest {
        Dest::Kernel => format!("rust/kernel/{source}"),
        Dest::Folder(folder) => format!("{folder}/{source}"),
        Dest::File(file) if name == ROOT => file.clone(),
        Dest::File(_) => {
            return Err(Error::Manifest {
                path: package.root.join("Cargo.toml"),
                reason: format!(
                    "`dest` is one file, and the crate has more: {}",
                    package.root.join(name).display()
                ),
            })
        }
    };
    match tree::may_write(&path) {
        true => Ok(Place::File(path)),
        false => Err(refuse(path)),
    }
}

/// The name in its crate of what is the file `path` of a tree: the way back from [`place`].
pub(crate) fn name(dest: &Dest, path: &str) -> Option<String> {
    let below = |folder: &str| path.strip_prefix(folder)?.strip_prefix('/');
    if let Some(helper) = below("rust/helpers") {
        return Some(format!("{HELPERS}/{helper}"));
    }
    match dest {
        Dest::Kernel => below("rust/kernel").map(|name| format!("src/{name}")),
        Dest::Folder(folder) => below(folder).map(|name| format!("src/{name}")),
        Dest::File(file) => (path == file).then(|| ROOT.to_owned()),
    }
}

/// The files in `folder` of `root` and below, named from `root`; without hidden files and what
/// editors and `patch` leave behind.
fn walk(root: &Path, folder: &str) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let mut folders: Vec<(String, PathBuf)> = vec![(format!("{folder}/"), root.join(folder))];
    while let Some((prefix, folder)) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(Error::io("read", &folder))?;
        for entry in entries {
            let entry = entry.map_err(Error::io("read", &folder))?;
            let path = entry.path();
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                return Err(Error::NotOurs {
                    path: format!("{prefix}{}", name.to_string_lossy()),
                    source_path: path,
                });
            };
            if tree::is_leftover(name) {
                continue;
            }
            let kind = entry.file_type().map_err(Error::io("read", &path))?;
            if kind.is_symlink() {
                return Err(Error::Symlink { path });
            } else if kind.is_dir() {
                folders.push((format!("{prefix}{name}/"), path));
            } else if kind.is_file() {
                files.push(format!("{prefix}{name}"));
            } else {
                return Err(Error::SpecialFile { path });
            }
        }
    }
    Ok(files)
}
