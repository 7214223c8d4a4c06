// SPDX-License-Identifier: GPL-2.0

//! The workspace: which crates go into a kernel tree, and where to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::git::Git;

/// The name of the facade's library, and of the crate that all of them are in a tree.
pub(crate) const FACADE: &str = "kernel";

/// What a `[package.metadata.mirror]` table may hold.
pub(crate) const TABLE_HELP: &str =
    "the table holds `maintainers` (a list of `Name <address>`), `status` (as in MAINTAINERS), \
     `level` (a number above those of the crates that this one depends on) and, for a crate that is \
     no part of `kernel`, `dest`: a folder such as \"rust/macros\", a file such as \"rust/ffi.rs\", \
     or false for a crate that stays out of the tree";

/// Where a crate's sources go in a kernel tree.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dest {
    /// Into `rust/kernel`, as a part of the one crate `kernel`.
    Kernel,
    /// Each file of `src`, the root included, into this folder.
    Folder(String),
    /// `src/lib.rs`, the crate's only source, becomes this file.
    File(String),
}

/// A crate that goes into kernel trees.
#[derive(Clone, Debug)]
pub struct Package {
    /// The package's name.
    pub name: String,
    /// The package's version.
    pub version: String,
    /// What the package is, in a line.
    pub description: String,
    /// The name that Rust code calls its library by.
    pub lib: String,
    /// The folder of its manifest.
    pub root: PathBuf,
    /// Where its sources go.
    pub dest: Dest,
    /// Who looks after it: `Name <address>` each.
    pub maintainers: Vec<String>,
    /// How well it is looked after, in the words of the kernel's MAINTAINERS.
    pub status: String,
    /// The names of the workspace's packages that it depends on.
    pub dependencies: BTreeSet<String>,
}

impl Package {
    /// Whether this is the crate that re-exports all others, and documents them as a whole.
    pub fn is_facade(&self) -> bool {
        self.dest == Dest::Kernel && self.lib == FACADE
    }
}

/// The crates that go into kernel trees, each after those it depends on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Workspace {
    /// The folder of the workspace's manifest.
    pub root: PathBuf,
    /// The crates.
    pub packages: Vec<Package>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    maintainers: Vec<String>,
    status: String,
    dest: Option<RawDest>,
    level: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawDest {
    Place(String),
    Switch(bool),
}

impl Workspace {
    /// A workspace of these crates, in whatever order.
    pub fn new(root: PathBuf, packages: impl IntoIterator<Item = Package>) -> Self {
        let packages = packages
            .into_iter()
            .map(|package| (package.name.clone(), package))
            .collect();
        Self {
            root,
            packages: in_dependency_order(packages),
        }
    }

    /// Asks Cargo for the workspace that `dir` is in.
    ///
    /// # Errors
    ///
    /// [`Error::NoWorkspace`], [`Error::NoCrates`], or [`Error::Manifest`].
    pub fn load(dir: &Path) -> Result<Self> {
        let dir = &dir.canonicalize().map_err(|error| Error::NoWorkspace {
            path: dir.to_owned(),
            reason: error.to_string(),
        })?;
        Self::of(&metadata(dir)?)
    }

    /// The workspace that Cargo says this of.
    pub(crate) fn of(metadata: &Metadata) -> Result<Self> {
        let members: BTreeSet<&str> = metadata
            .packages
            .iter()
            .map(|package| package.name.as_str())
            .collect();
        let mut packages = Vec::new();
        for package in &metadata.packages {
            let Some(table) = package.metadata.get("mirror") else {
                continue;
            };
            let manifest = package.manifest_path.as_std_path();
            let wrong = |reason: String| Error::Manifest {
                path: manifest.to_owned(),
                reason,
            };
            let table = Table::deserialize(table).map_err(|error| wrong(error.to_string()))?;
            let dest = match table.dest {
                None => Dest::Kernel,
                Some(RawDest::Switch(false)) => continue,
                Some(RawDest::Switch(true)) => return Err(wrong("`dest = true`".to_owned())),
                Some(RawDest::Place(place)) => parse_dest(&place).map_err(wrong)?,
            };
            let lib = package
                .targets
                .iter()
                .find(|target| {
                    target.kind.iter().any(|kind| {
                        matches!(
                            kind,
                            cargo_metadata::TargetKind::Lib
                                | cargo_metadata::TargetKind::RLib
                                | cargo_metadata::TargetKind::ProcMacro
                        )
                    })
                })
                .ok_or_else(|| wrong("the package has no library".to_owned()))?;
            let root = manifest.parent().unwrap_or(Path::new(""));
            let dependencies = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind == DependencyKind::Normal)
                .filter(|dependency| members.contains(dependency.name.as_str()))
                .map(|dependency| dependency.name.clone())
                .collect();
            packages.push(Package {
                name: package.name.to_string(),
                version: package.version.to_string(),
                description: package.description.clone().unwrap_or_default(),
                lib: lib.name.clone(),
                root: root.to_owned(),
                dest,
                maintainers: table.maintainers,
                status: table.status,
                dependencies,
            });
        }

        let root = metadata.workspace_root.clone().into_std_path_buf();
        if packages.is_empty() {
            return Err(Error::NoCrates { path: root });
        }
        Ok(Self::new(root, packages))
    }

    /// The workspace as it was in the commit `revision`, in a folder that goes when the result does.
    ///
    /// # Errors
    ///
    /// [`Error::Git`] when there is no such commit, and as for [`load`](Self::load).
    pub fn at(dir: &Path, revision: &str) -> Result<(tempfile::TempDir, Self)> {
        let folder = tempfile::tempdir().map_err(Error::io("create", &std::env::temp_dir()))?;
        let index = folder.path().join("index");
        let files = folder.path().join("workspace/");
        let git = Git::new(dir).with("GIT_INDEX_FILE", index.to_string_lossy());
        let treeish = format!("{revision}^{{commit}}");
        let commit = git.run(&["rev-parse", "--verify", "--quiet", &treeish]);
        let commit = commit.map_err(|_| Error::Git {
            path: dir.to_owned(),
            command: format!("rev-parse {revision}"),
            reason: "there is no such commit".to_owned(),
        })?;
        let prefix = git.prefix()?;
        git.run(&["read-tree", &format!("{commit}:{prefix}")])?;
        let to = format!("--prefix={}/", files.display());
        // From the top, or only what is below the present folder would be written.
        let top = git.run(&["rev-parse", "--show-toplevel"])?;
        let git = Git::new(Path::new(&top)).with("GIT_INDEX_FILE", index.to_string_lossy());
        git.run(&["checkout-index", "--all", &to])?;
        let workspace = Self::load(&files)?;
        Ok((folder, workspace))
    }

    /// The crate that re-exports all others, if the workspace has one.
    pub fn facade(&self) -> Option<&Package> {
        self.packages.iter().find(|package| package.is_facade())
    }
}

/// What Cargo says of the workspace that `dir` is in, without asking what it depends on.
pub(crate) fn metadata(dir: &Path) -> Result<Metadata> {
    MetadataCommand::new()
        .current_dir(dir)
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .map_err(|error| Error::NoWorkspace {
            path: dir.to_owned(),
            reason: reason(&error),
        })
}

/// The level that the manifest of an abstraction crate states: it depends on lower ones only.
pub fn level(package: &cargo_metadata::Package) -> Option<u32> {
    let table = package.metadata.get("mirror")?;
    Table::deserialize(table).ok()?.level
}

pub(crate) fn reason(error: &cargo_metadata::Error) -> String {
    let text = match error {
        cargo_metadata::Error::CargoMetadata { stderr } => stderr.clone(),
        error => error.to_string(),
    };
    let text = text.trim();
    text.strip_prefix("error: ").unwrap_or(text).to_owned()
}

fn parse_dest(place: &str) -> Result<Dest, String> {
    let plain = !place.is_empty()
        && place
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains('\\'));
    if !plain {
        return Err(format!("`dest = \"{place}\"` is not a plain relative path"));
    }
    Ok(match place {
        "rust/kernel" => Dest::Kernel,
        _ if place.ends_with(".rs") => Dest::File(place.to_owned()),
        _ => Dest::Folder(place.to_owned()),
    })
}

/// Each package after those it depends on; otherwise by name, and the facade last.
fn in_dependency_order(mut packages: BTreeMap<String, Package>) -> Vec<Package> {
    let mut order = Vec::with_capacity(packages.len());
    while !packages.is_empty() {
        let ready = |package: &&Package| {
            let waiting = |name: &String| *name != package.name && packages.contains_key(name);
            !package.dependencies.iter().any(waiting)
        };
        // Cargo lets no workspace with a cycle through, so something is always ready.
        let next = packages
            .values()
            .filter(|package| !package.is_facade())
            .find(ready)
            .or_else(|| packages.values().next())
            .map(|package| package.name.clone());
        order.extend(next.and_then(|name| packages.remove(&name)));
    }
    order
}
