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
use std::path::{Path, PathBuf};

use crate::digest::{Digest, Stamp};
use crate::error::{Error, Result};
use crate::image::{self, File, Image, Place};
use crate::maintainers::{Region, MAINTAINERS};
use crate::workspace::{Dest, LeftOut, Package, Workspace};

pub(crate) use imports::collect as collect_imports;
pub(crate) use seam::{attributes, Seam};

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
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FlatCrate {
    /// The crate, with what its manifest says.
    pub package: Package,
    /// The digest of all its sources that have a part in the tree, with their names.
    pub digest: Digest,
    /// Those of its sources that generated files are made from, by their names in the crate.
    pub inputs: BTreeMap<String, FlatFile>,
}

/// The whole workspace as the files of a kernel tree.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Flat {
    /// The files, by their paths in the tree, with `/` between the parts. Of `MAINTAINERS` it is
    /// the crates' sections only: the rest is the tree's own.
    pub files: BTreeMap<String, FlatFile>,
    /// The crates, in dependency order.
    pub crates: Vec<FlatCrate>,
    /// The crates that were left out, and why.
    pub left_out: Vec<LeftOut>,
}

impl Flat {
    /// What a later run may need of this: the contents that the lock names by their digests.
    pub(crate) fn blobs(
        &self,
        takes: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = (&Digest, &[u8])> {
        let inputs = self
            .crates
            .iter()
            .flat_map(|package| package.inputs.values());
        let files = self.files.iter().filter(move |(path, _)| takes(path));
        let files = files.map(|(_, file)| file).chain(inputs);
        files.map(|file| (file.digest(), file.bytes()))
    }
}

/// Reads the workspace's crates, and makes of them the files that belong in a kernel tree.
///
/// # Errors
///
/// When a source cannot be read, is not understood, or would be a file that is not the crates' own;
/// when two sources would be the same file.
pub fn flatten(workspace: &Workspace) -> Result<Flat> {
    let images: Vec<Image> = workspace
        .packages
        .iter()
        .map(Image::read)
        .collect::<Result<_>>()?;
    flatten_images(images, &workspace.left_out)
}

/// Makes of these crates, each after those it depends on, the files that belong in a kernel tree.
pub(crate) fn flatten_images(images: Vec<Image>, left_out: &[LeftOut]) -> Result<Flat> {
    let siblings = siblings(images.iter().map(|image| &image.package), left_out);
    let mut flattener = Flattener::default();
    for image in images {
        flattener.add(image, &siblings)?;
    }
    flattener.flat.left_out = left_out.to_vec();
    flattener.finish()
}

/// The libraries that a seam may re-export as a whole: those that are parts of `kernel`, and those
/// that would be, were they not left out.
pub(crate) fn siblings<'a>(
    packages: impl IntoIterator<Item = &'a Package>,
    left_out: &[LeftOut],
) -> BTreeSet<String> {
    let parts = packages
        .into_iter()
        .filter(|package| package.dest == Dest::Kernel)
        .map(|package| package.lib.clone());
    parts
        .chain(left_out.iter().map(|crate_| crate_.lib.clone()))
        .collect()
}

#[derive(Default)]
struct Flattener {
    flat: Flat,
    seams: Vec<(Package, Seam)>,
    docs: String,
    helpers: Vec<(String, String)>,
    headers: Vec<(String, c::Header)>,
    uapi: Vec<(String, c::Header)>,
}

impl Flattener {
    fn add(&mut self, image: Image, siblings: &BTreeSet<String>) -> Result<()> {
        let digest = image.digest();
        let Image { package, files } = image;
        let mut inputs = BTreeMap::new();
        for (name, file) in files {
            let source = package.root.join(&name);
            match image::place(&package, &name)? {
                Place::File(path) => {
                    if let Some(helper) = name.strip_prefix("helpers/") {
                        self.helpers.push((helper.to_owned(), package.name.clone()));
                    }
                    self.copy(&package, path, source, file)?;
                    continue;
                }
                Place::Seam => {
                    let seam = Seam::parse(&source, &text(&source, &file.bytes)?, siblings)?;
                    self.seams.push((package.clone(), seam));
                }
                Place::Header => {
                    let header = c::Header::parse(&source, &text(&source, &file.bytes)?)?;
                    self.headers.push((package.name.clone(), header));
                }
                Place::Uapi => {
                    let header = c::Header::parse(&source, &text(&source, &file.bytes)?)?;
                    self.uapi.push((package.name.clone(), header));
                }
                Place::Docs => self.docs = text(&source, &file.bytes)?,
            }
            let package = package.name.clone();
            let origin = Origin::Copied { package, source };
            inputs.insert(name, FlatFile::new(file.bytes, origin));
        }
        self.flat.crates.push(FlatCrate {
            package,
            digest,
            inputs,
        });
        Ok(())
    }

    fn finish(mut self) -> Result<Flat> {
        if !self.seams.is_empty() {
            let packages: Vec<_> = self.seams.iter().map(|(p, _)| p.name.clone()).collect();
            let (lib, prelude) = root::generate(&self.seams, &self.docs)?;
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
        let region = Region::new(&self.flat);
        let crates = self.flat.crates.iter();
        let origin = Origin::Generated {
            packages: crates.map(|flat| flat.package.name.clone()).collect(),
        };
        let region = FlatFile::new(region.as_bytes().to_vec(), origin);
        self.insert(MAINTAINERS.to_owned(), region)?;
        Ok(self.flat)
    }

    fn copy(&mut self, package: &Package, path: String, source: PathBuf, file: File) -> Result<()> {
        let origin = Origin::Copied {
            package: package.name.clone(),
            source,
        };
        let executable = file.executable;
        self.insert(
            path,
            FlatFile::new(file.bytes, origin).executable(executable),
        )
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

fn text(path: &Path, bytes: &[u8]) -> Result<String> {
    String::from_utf8(bytes.to_vec()).map_err(|error| {
        let bytes = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        Error::Source {
            path: path.to_owned(),
            line: 1 + bytes.iter().filter(|&&byte| byte == b'\n').count(),
            reason: "not UTF-8".to_owned(),
            allowed: "UTF-8 text",
        }
    })
}
