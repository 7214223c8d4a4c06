// SPDX-License-Identifier: GPL-2.0

//! The workspace as the files of a kernel tree.
//!
//! Most files are copies. Generated are only those that many crates have a say in: the root of the
//! crate `kernel` and its prelude, and the two C files that name all helpers and all headers.

mod c;
mod imports;
mod root;
mod seam;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::digest::{is_executable, Digest, Stamp};
use crate::disk::mode;
use crate::error::{Error, Result};
use crate::tree;
use crate::workspace::{Dest, Package, Workspace};

use seam::Seam;

/// Where a file of the tree comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is the same bytes as a file of a crate.
    Copied {
        /// The crate's name.
        package: String,
        /// The file.
        source: PathBuf,
    },
    /// It is made from several crates' sources.
    Generated {
        /// The crates' names.
        packages: Vec<String>,
    },
}

/// A file as it belongs in the tree.
#[derive(Clone, Debug)]
pub struct FlatFile {
    bytes: Vec<u8>,
    origin: Origin,
    stamp: Stamp,
}

impl FlatFile {
    /// A file with this content.
    pub fn new(bytes: Vec<u8>, origin: Origin) -> Self {
        Self {
            stamp: Stamp::of(&bytes, 0),
            bytes,
            origin,
        }
    }

    /// The same file, and whether it can be run.
    pub fn executable(mut self, executable: bool) -> Self {
        self.stamp.executable = executable;
        self
    }

    /// Whether it can be run.
    pub fn is_executable(&self) -> bool {
        self.stamp.executable
    }

    /// Its content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The digest of its content.
    pub fn digest(&self) -> &Digest {
        &self.stamp.digest
    }

    pub(crate) fn stamp(&self) -> &Stamp {
        &self.stamp
    }
}

/// A crate as the lock names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlatCrate {
    /// The package's name.
    pub name: String,
    /// The package's version.
    pub version: String,
    /// The digest of all its sources that have a part in the tree, with their names.
    pub digest: Digest,
}

/// The whole workspace as the files of a kernel tree.
#[derive(Clone, Debug, Default)]
pub struct Flat {
    /// The files, by their paths in the tree, with `/` between the parts.
    pub files: BTreeMap<String, FlatFile>,
    /// The crates, in dependency order.
    pub crates: Vec<FlatCrate>,
}

impl Flat {
    /// What a later merge may need of this: the contents that the lock names by their digests.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = (&Digest, &[u8])> {
        self.files
            .values()
            .map(|file| (file.digest(), file.bytes()))
    }
}

/// Reads the workspace's crates, and makes of them the files that belong in a kernel tree.
///
/// # Errors
///
/// When a source cannot be read, is not understood, or would be a file that is not the crates' own;
/// when two sources would be the same file.
pub fn flatten(workspace: &Workspace) -> Result<Flat> {
    let siblings = workspace
        .packages
        .iter()
        .filter(|package| package.dest == Dest::Kernel)
        .map(|package| package.lib.as_str())
        .collect();
    let mut flattener = Flattener::default();
    for package in &workspace.packages {
        flattener.add(package, &siblings)?;
    }
    flattener.finish(workspace)
}

#[derive(Default)]
struct Flattener {
    flat: Flat,
    seams: Vec<(Package, Seam)>,
    helpers: Vec<(String, String)>,
    headers: Vec<(String, c::Header)>,
    uapi: Vec<(String, c::Header)>,
    /// The sources of the package at hand, relative to it, for its digest.
    sources: BTreeMap<String, Digest>,
}

impl Flattener {
    fn add(&mut self, package: &Package, siblings: &BTreeSet<&str>) -> Result<()> {
        self.sources.clear();
        self.add_rust(package, siblings)?;
        self.add_c(package)?;
        let list = self.sources.iter();
        self.flat.crates.push(FlatCrate {
            name: package.name.clone(),
            version: package.version.clone(),
            digest: Digest::of_list(list.map(|(name, digest)| (name.as_str(), digest))),
        });
        Ok(())
    }

    fn add_rust(&mut self, package: &Package, siblings: &BTreeSet<&str>) -> Result<()> {
        let src = package.root.join("src");
        let sources = walk(&src)?;
        for (name, source) in sources {
            let bytes = self.read(package, &source)?;
            let is_root = name == "lib.rs";
            let path = match &package.dest {
                Dest::Kernel if is_root => {
                    let text = text(&source, bytes)?;
                    let seam = Seam::parse(&source, &text, siblings)?;
                    self.seams.push((package.clone(), seam));
                    continue;
                }
                Dest::Kernel => format!("rust/kernel/{name}"),
                Dest::Folder(folder) => format!("{folder}/{name}"),
                Dest::File(file) if is_root => file.clone(),
                Dest::File(_) => {
                    return Err(Error::Manifest {
                        path: package.root.join("Cargo.toml"),
                        reason: format!(
                            "`dest` is one file, and the crate has more: {}",
                            source.display()
                        ),
                    })
                }
            };
            self.copy(package, path, source, bytes)?;
        }
        Ok(())
    }

    fn add_c(&mut self, package: &Package) -> Result<()> {
        let folder = package.root.join("helpers");
        if folder.is_dir() {
            for (name, source) in walk(&folder)? {
                let bytes = self.read(package, &source)?;
                if name.contains('/') || !name.ends_with(".c") {
                    return Err(Error::NotOurs {
                        path: format!("rust/helpers/{name}"),
                        source_path: source,
                    });
                }
                self.helpers.push((name.clone(), package.name.clone()));
                self.copy(package, format!("rust/helpers/{name}"), source, bytes)?;
            }
        }
        for (name, uapi) in [("bindings.h", false), ("uapi.h", true)] {
            let source = package.root.join(name);
            if !source.exists() {
                continue;
            }
            let bytes = self.read(package, &source)?;
            let header = c::Header::parse(&source, &text(&source, bytes)?)?;
            let list = if uapi {
                &mut self.uapi
            } else {
                &mut self.headers
            };
            list.push((package.name.clone(), header));
        }
        Ok(())
    }

    fn finish(mut self, workspace: &Workspace) -> Result<Flat> {
        if !self.seams.is_empty() {
            let docs = match workspace.facade() {
                Some(facade) => docs(facade)?,
                None => String::new(),
            };
            let packages: Vec<_> = self.seams.iter().map(|(p, _)| p.name.clone()).collect();
            let (lib, prelude) = root::generate(&self.seams, &docs)?;
            self.generate("rust/kernel/lib.rs", packages.clone(), lib)?;
            if let Some(prelude) = prelude {
                self.generate("rust/kernel/prelude.rs", packages, prelude)?;
            }
        }
        if !self.helpers.is_empty() {
            self.helpers.sort();
            let names: Vec<_> = self.helpers.iter().map(|(name, _)| name.as_str()).collect();
            let text = c::helpers(&names);
            let mut packages: Vec<_> = self.helpers.iter().map(|(_, p)| p.clone()).collect();
            packages.sort();
            packages.dedup();
            self.generate("rust/helpers/helpers.c", packages, text)?;
        }
        for (path, headers) in [
            (
                "rust/bindings/bindings_helper.h",
                std::mem::take(&mut self.headers),
            ),
            ("rust/uapi/uapi_helper.h", std::mem::take(&mut self.uapi)),
        ] {
            if !headers.is_empty() {
                let packages = headers.iter().map(|(name, _)| name.clone()).collect();
                self.generate(path, packages, c::header(&headers))?;
            }
        }
        Ok(self.flat)
    }

    fn read(&mut self, package: &Package, source: &Path) -> Result<Vec<u8>> {
        let bytes = read(source)?;
        let name = source.strip_prefix(&package.root).unwrap_or(source);
        self.sources
            .insert(name.to_string_lossy().into_owned(), Digest::of(&bytes));
        Ok(bytes)
    }

    fn copy(
        &mut self,
        package: &Package,
        path: String,
        source: PathBuf,
        bytes: Vec<u8>,
    ) -> Result<()> {
        if !tree::may_write(&path) {
            return Err(Error::NotOurs {
                source_path: source,
                path,
            });
        }
        let metadata = fs::metadata(&source).map_err(Error::io("read", &source))?;
        let origin = Origin::Copied {
            package: package.name.clone(),
            source,
        };
        let file = FlatFile::new(bytes, origin).executable(is_executable(mode(&metadata)));
        self.insert(path, file)
    }

    fn generate(&mut self, path: &str, packages: Vec<String>, text: String) -> Result<()> {
        let origin = Origin::Generated { packages };
        self.insert(path.to_owned(), FlatFile::new(text.into_bytes(), origin))
    }

    fn insert(&mut self, path: String, file: FlatFile) -> Result<()> {
        let source = |file: &FlatFile| match &file.origin {
            Origin::Copied { source, .. } => source.clone(),
            Origin::Generated { .. } => PathBuf::from("mirror's generator"),
        };
        if let Some(first) = self.flat.files.get(&path) {
            return Err(Error::Clash {
                path,
                first: source(first),
                second: source(&file),
            });
        }
        self.flat.files.insert(path, file);
        Ok(())
    }
}

/// The files below `folder`, with their paths relative to it; without hidden files and what editors
/// and `patch` leave behind.
fn walk(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![(String::new(), folder.to_owned())];
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
                files.insert(format!("{prefix}{name}"), path);
            } else {
                return Err(Error::SpecialFile { path });
            }
        }
    }
    Ok(files)
}

/// What documents the crate `kernel`: the facade's README.md, or as much as its manifest says.
fn docs(facade: &Package) -> Result<String> {
    let path = facade.root.join("README.md");
    match path.exists() {
        true => text(&path, read(&path)?),
        false => Ok(facade.description.clone()),
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(Error::io("read", path))
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let bytes = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        Error::Source {
            path: path.to_owned(),
            line: 1 + bytes.iter().filter(|&&byte| byte == b'\n').count(),
            reason: "not UTF-8".to_owned(),
            allowed: "UTF-8 text",
        }
    })
}
