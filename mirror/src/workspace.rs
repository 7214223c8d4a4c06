// SPDX-License-Identifier: GPL-2.0

//! The workspace: which crates go into a kernel tree, and where to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use semver::VersionReq;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::git::Git;

/// The name of the facade's library, and of the crate that all of them are in a tree.
pub(crate) const FACADE: &str = "kernel";

/// What a `[package.metadata.mirror]` table may hold.
pub(crate) const TABLE_HELP: &str =
    "the table holds `maintainers` (a list of `Name <address>`), `status` (as in MAINTAINERS), \
     `lists` (of addresses; may be left out), \
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
    /// The mailing lists that are told of its changes.
    pub lists: Vec<String>,
    /// How well it is looked after, in the words of the kernel's MAINTAINERS.
    pub status: String,
    /// The workspace's packages that it depends on, and the versions of each that will do.
    pub dependencies: BTreeMap<String, VersionReq>,
}

impl Dest {
    /// As a manifest says it; nothing for a part of `kernel`.
    pub(crate) fn place(&self) -> Option<&str> {
        match self {
            Self::Kernel => None,
            Self::Folder(place) | Self::File(place) => Some(place),
        }
    }
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
    /// Crates that are in the workspace, and that this selection of it leaves out.
    pub left_out: Vec<LeftOut>,
}

/// A crate that is left out of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// The package's name.
    pub name: String,
    /// The name that Rust code calls its library by.
    pub lib: String,
    /// The crate that it depends on, and that is left out; none for one that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    maintainers: Vec<String>,
    #[serde(default)]
    lists: Vec<String>,
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

impl Table {
    /// Whether it can be said in a line of MAINTAINERS and one of CODEOWNERS each.
    fn check(&self) -> Result<(), String> {
        let is_line = |text: &str| !text.trim().is_empty() && !text.contains(char::is_control);
        for who in &self.maintainers {
            if !is_line(who) || address(who).is_none() {
                return Err(format!("the maintainer `{who}` is not `Name <address>`"));
            }
        }
        for list in &self.lists {
            if !is_line(list) || list.contains([' ', '<', '>']) || !list.contains('@') {
                return Err(format!("the list `{list}` is not an address"));
            }
        }
        if !is_line(&self.status) {
            return Err(format!("`status = \"{}\"`", self.status));
        }
        Ok(())
    }
}

/// The address in `Name <address>`.
pub(crate) fn address(who: &str) -> Option<&str> {
    let (name, rest) = who.split_once('<')?;
    let address = rest.strip_suffix('>')?;
    let is_plain = address.contains('@') && !address.contains([' ', '<', '>']);
    (is_plain && name.ends_with(' ') && !name.trim().is_empty()).then_some(address)
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
            left_out: Vec::new(),
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
            table.check().map_err(wrong)?;
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
                .map(|dependency| (dependency.name.clone(), dependency.req.clone()))
                .collect();
            packages.push(Package {
                name: package.name.to_string(),
                version: package.version.to_string(),
                description: package.description.clone().unwrap_or_default(),
                lib: lib.name.clone(),
                root: root.to_owned(),
                dest,
                maintainers: table.maintainers,
                lists: table.lists,
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
        let commit = git.commit(revision)?;
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

    /// The workspace without these crates, and without all that depend on them.
    ///
    /// Only a subsystem can be left out: a part of `kernel` that some other part can do without. The
    /// facade stays, and loses its re-exports of what is left out.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchCrate`], and [`Error::Needed`] for a crate that every tree needs.
    pub fn without(&self, names: &BTreeSet<String>) -> Result<Self> {
        for name in names {
            let package = self.package(name)?;
            if package.dest != Dest::Kernel {
                return Err(needed(name, "the kernel's build compiles it in every tree"));
            } else if package.is_facade() {
                return Err(needed(name, "it has the documentation of all others"));
            }
        }
        let mut selection = Self {
            packages: Vec::new(),
            ..self.clone()
        };
        // Each comes after those it depends on.
        for package in &self.packages {
            let gone = selection.left_out.iter().map(|gone| &gone.name);
            let because = gone
                .filter(|_| !package.is_facade())
                .find(|&name| package.dependencies.contains_key(name))
                .cloned();
            if let Some(name) = because.as_ref().filter(|_| package.dest != Dest::Kernel) {
                let reason = format!("`{}`, which every tree has, depends on it", package.name);
                return Err(needed(name, &reason));
            }
            let asked = names.contains(&package.name);
            if asked || because.is_some() {
                selection.left_out.push(LeftOut {
                    name: package.name.clone(),
                    lib: package.lib.clone(),
                    because: because.filter(|_| !asked),
                });
            } else {
                selection.packages.push(package.clone());
            }
        }
        let is_subsystem = |package: &Package| package.dest == Dest::Kernel && !package.is_facade();
        if let Some(name) = names
            .first()
            .filter(|_| !selection.packages.iter().any(is_subsystem))
        {
            return Err(needed(name, "every part of `kernel` would go with it"));
        }
        Ok(selection)
    }

    /// The crate of this name.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchCrate`].
    pub fn package(&self, name: &str) -> Result<&Package> {
        let found = self.packages.iter().find(|package| package.name == name);
        found.ok_or_else(|| Error::NoSuchCrate {
            name: name.to_owned(),
            known: self
                .packages
                .iter()
                .map(|package| package.name.clone())
                .collect(),
        })
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

fn needed(name: &str, reason: &str) -> Error {
    Error::Needed {
        name: name.to_owned(),
        reason: reason.to_owned(),
    }
}

pub(crate) fn reason(error: &cargo_metadata::Error) -> String {
    let text = match error {
        cargo_metadata::Error::CargoMetadata { stderr } => stderr.clone(),
        error => error.to_string(),
    };
    let text = text.trim();
    text.strip_prefix("error: ").unwrap_or(text).to_owned()
}

/// Reads what a manifest, or a lock, says about a crate's place.
pub(crate) fn parse_dest(place: &str) -> Result<Dest, String> {
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
            !package.dependencies.keys().any(waiting)
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
