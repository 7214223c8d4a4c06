// SPDX-License-Identifier: GPL-2.0

//! New crates: a subsystem or a driver that works as it is, and that the workspace knows of.
//!
//! The crate's files are written to a folder of their own, which is then renamed into place. The
//! files that name crates follow one by one, each by a rename, in an order in which the workspace
//! is sound after every step. What is there already stays as it is: run again, a command that was
//! stopped does the rest.

mod name;
mod register;
mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{DependencyKind, Metadata};
use syn::{Item, UseTree};

use crate::disk::{exists, mode, read, Disk};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::workspace::{level, metadata, Dest, Package, Workspace};

pub use name::{maintainer, Name};

/// The folder in which everything is made ready.
const PREPARED: &str = ".mirror-new";

/// What every abstraction crate's name begins with.
const PREFIX: &str = "kernel-";

const SUBSYSTEM: &str = "A sample subsystem: moments and pauses, by the kernel's clock";
const DRIVER: &str = "A sample driver: keeps some squares";

/// A crate to be made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scaffold {
    /// What it is called.
    pub name: Name,
    /// What it is.
    pub kind: ScaffoldKind,
    /// Who looks after it, as [`maintainer`] takes it; nobody for those who look after the facade.
    pub maintainers: Vec<String>,
}

/// What a crate to be made is.
#[derive(Clone, Debug)]
pub enum ScaffoldKind {
    /// An abstraction crate on top of these, with or without the `kernel-` of their names.
    Subsystem {
        /// The crates; none for `kernel-core`.
        depends: Vec<String>,
    },
    /// A module that uses these features of the facade.
    Driver {
        /// The features.
        subsystems: Vec<String>,
    },
}

/// What [`Scaffold::make`] did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Made {
    /// The package.
    pub package: String,
    /// Its folder in the workspace.
    pub folder: String,
    /// The files made there; none when they were there already.
    pub made: Vec<String>,
    /// The files of the workspace that did not name the crate before.
    pub edited: Vec<String>,
}

/// What is to be written.
struct Plan {
    package: String,
    folder: String,
    files: Vec<template::File>,
    edits: Vec<Edited>,
}

/// A file of the workspace, before and after.
struct Edited {
    path: String,
    before: String,
    after: String,
}

/// The workspace, as far as a new crate is concerned.
struct Site {
    root: PathBuf,
    metadata: Metadata,
    workspace: Workspace,
}

impl Scaffold {
    /// A crate of this name.
    pub fn new(name: Name, kind: ScaffoldKind) -> Self {
        Self {
            name,
            kind,
            maintainers: Vec::new(),
        }
    }

    /// Makes the crate in the workspace that `dir` is in, and enters it wherever crates are named.
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`] and [`Error::Taken`] about its name or what it is to depend on,
    /// [`Error::Exists`] when something else is in its place, [`Error::NoPlace`] when a file that
    /// names crates is laid out in another way than this workspace's, and those of file operations.
    pub fn make(&self, dir: &Path, disk: &Disk, dry_run: bool) -> Result<Made> {
        let site = Site::load(dir)?;
        let _lock = lock(&site.root)?;
        let plan = match &self.kind {
            ScaffoldKind::Subsystem { depends } => self.subsystem(&site, depends)?,
            ScaffoldKind::Driver { subsystems } => self.driver(&site, subsystems)?,
        };
        let is_there = plan.is_there(&site.root)?;
        let made = match is_there {
            true => Vec::new(),
            false => plan.files.iter().map(|(path, _)| path.clone()).collect(),
        };
        if !dry_run {
            plan.carry_out(&site.root, disk, is_there)?;
            refresh_lock(&site.root);
        }
        Ok(Made {
            package: plan.package,
            folder: plan.folder,
            made,
            edited: plan.edits.into_iter().map(|edit| edit.path).collect(),
        })
    }

    fn subsystem(&self, site: &Site, depends: &[String]) -> Result<Plan> {
        self.name.check_subsystem()?;
        let name = self.name.as_str();
        let module = self.name.module();
        let package = format!("{PREFIX}{name}");
        let folder = package.clone();
        let lib = package.replace('-', "_");
        site.not_taken(&package, &folder)?;
        site.no_module(&module, &package)?;

        let below = site.abstractions(depends)?;
        let level = 1 + below.iter().map(|(level, _)| *level).max().unwrap_or(0);
        let facade = site.facade()?;

        let mut dependencies: BTreeSet<&str> = below.iter().map(|(_, name)| *name).collect();
        dependencies.insert("kernel-bindings");
        let lines = |line: &dyn Fn(&str) -> String, separator: &str| {
            let names = below.iter().map(|(_, name)| name.replace('-', "_"));
            names
                .map(|name| line(&name))
                .collect::<Vec<_>>()
                .join(separator)
        };
        let mut preludes: Vec<String> = below
            .iter()
            .map(|(_, name)| {
                let lib = name.replace('-', "_");
                format!("    #[doc(no_inline)]\n    pub use {lib}::prelude::*;")
            })
            .collect();
        preludes.sort();
        let maintainers: toml_edit::Array = self.maintainers(&facade).iter().collect();
        let values = [
            ("package", package.as_str()),
            ("name", name),
            ("module", &module),
            ("lib", &lib),
            ("description", SUBSYSTEM),
            ("level", &level.to_string()),
            ("maintainers", &maintainers.to_string()),
            (
                "dependencies",
                &dependencies
                    .iter()
                    .map(|name| format!("{name}.workspace = true"))
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            (
                "globs",
                &lines(
                    &|lib| format!("#[doc(no_inline)]\npub use {lib}::*;"),
                    "\n\n",
                ),
            ),
            ("preludes", &preludes.join("\n")),
        ];

        let mut edits = Edits::new(&site.root);
        edits.add("Cargo.toml", |text| {
            register::workspace_manifest(text, &folder, Some(&package))
        })?;
        let implied = site.features_of(&facade, &below);
        let place = site.relative(&facade.root);
        edits.add(&format!("{place}Cargo.toml"), |text| {
            register::facade_manifest(text, &package, name, &implied)
        })?;
        let levels = site.levels();
        edits.add(&format!("{place}src/lib.rs"), |text| {
            register::facade_seam(text, &lib, name, |other| {
                levels.get(other).is_some_and(|other| *other <= level)
            })
        })?;
        edits.add_if_there("ARCHITECTURE.md", |text| {
            register::map_of_crates(text, &package, &about(SUBSYSTEM))
        })?;
        let mut graph = Graph::new(&site.metadata);
        graph.add_level(level, &package);
        graph.add_arrows(&package, dependencies.iter().copied());
        graph.add_arrows(&facade.name, [package.as_str()]);
        edits.add_if_there("docs/crates.svg", |_| Ok(graph.svg()))?;
        let files = template::fill(template::SUBSYSTEM, &values);
        Ok(Plan {
            package,
            folder,
            files,
            edits: edits.0,
        })
    }

    fn driver(&self, site: &Site, subsystems: &[String]) -> Result<Plan> {
        self.name.check_driver()?;
        let name = self.name.as_str();
        let folder = format!("drivers/{name}");
        site.not_taken(name, &folder)?;
        let facade = site.facade()?;
        let features = site.features(&facade);
        if let Some(unknown) = subsystems.iter().find(|name| !features.contains(name)) {
            return Err(Error::Unusable {
                text: unknown.clone(),
                reason: format!("the facade's features are {}", features.join(", ")),
            });
        }
        let kernel = match subsystems {
            [] => format!("{}.workspace = true", facade.name),
            _ => {
                let features: toml_edit::Array = subsystems.iter().collect();
                format!(
                    "{} = {{ workspace = true, features = {features} }}",
                    facade.name
                )
            }
        };
        let authors: Vec<String> = self
            .maintainers(&facade)
            .iter()
            .map(|person| format!("{:?}", person.split(" <").next().unwrap_or(person)))
            .collect();
        let values = [
            ("name", name),
            ("module", &self.name.module()),
            ("description", DRIVER),
            ("authors", &authors.join(", ")),
            ("kernel", &kernel),
        ];

        let mut edits = Edits::new(&site.root);
        edits.add("Cargo.toml", |text| {
            register::workspace_manifest(text, &folder, None)
        })?;
        edits.add_if_there("ARCHITECTURE.md", |text| {
            register::map_of_drivers(text, name, &about(DRIVER))
        })?;
        let mut graph = Graph::new(&site.metadata);
        graph.add_driver(name);
        graph.add_arrows(name, [facade.name.as_str()]);
        edits.add_if_there("docs/crates.svg", |_| Ok(graph.svg()))?;
        Ok(Plan {
            package: name.to_owned(),
            folder,
            files: template::fill(template::DRIVER, &values),
            edits: edits.0,
        })
    }

    fn maintainers<'a>(&'a self, facade: &'a Package) -> &'a [String] {
        match self.maintainers.is_empty() {
            true => &facade.maintainers,
            false => &self.maintainers,
        }
    }
}

/// A description as the end of a line of the map.
fn about(description: &str) -> String {
    let mut letters = description.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

impl Site {
    fn load(dir: &Path) -> Result<Self> {
        let metadata = metadata(dir)?;
        Ok(Self {
            root: metadata.workspace_root.clone().into_std_path_buf(),
            workspace: Workspace::of(&metadata)?,
            metadata,
        })
    }

    /// `folder` as seen from the workspace's, to be followed by a file's name.
    fn relative(&self, folder: &Path) -> String {
        let folder = folder.strip_prefix(&self.root).unwrap_or(folder);
        match folder.as_os_str().is_empty() {
            true => String::new(),
            false => format!("{}/", folder.display()),
        }
    }

    fn facade(&self) -> Result<Package> {
        self.workspace.facade().cloned().ok_or(Error::NoPlace {
            path: self.root.clone(),
            wanted: "a facade: a crate whose library is `kernel`".to_owned(),
        })
    }

    /// That no other package is called `package`.
    fn not_taken(&self, package: &str, folder: &str) -> Result<()> {
        let own = self.root.join(folder).join("Cargo.toml");
        let taken = |by: String| Error::Taken {
            name: package.to_owned(),
            by,
        };
        if let Some(member) = self.metadata.packages.iter().find(|p| *p.name == package) {
            return match member.manifest_path.as_std_path() == own {
                true => Ok(()),
                false => Err(taken(member.manifest_path.to_string())),
            };
        }
        // Cargo could not tell the two apart where it is given a name alone.
        let lock = read(&self.root.join("Cargo.lock"))?.unwrap_or_default();
        let line = format!("name = \"{package}\"");
        match String::from_utf8_lossy(&lock).lines().any(|l| l == line) && !own.exists() {
            true => Err(taken("a package in Cargo.lock".to_owned())),
            false => Ok(()),
        }
    }

    /// That no other crate gives `kernel` something called `module`.
    fn no_module(&self, module: &str, package: &str) -> Result<()> {
        for other in &self.workspace.packages {
            if other.dest != Dest::Kernel || other.name == package {
                continue;
            }
            let path = other.root.join("src/lib.rs");
            let text = read(&path)?.unwrap_or_default();
            // What does not parse is for `flatten` to complain about.
            let Ok(file) = syn::parse_file(&String::from_utf8_lossy(&text)) else {
                continue;
            };
            let gives = file.items.iter().any(|item| match item {
                Item::Mod(item) => item.ident == module,
                Item::Use(item) => names(&item.tree).iter().any(|name| name == module),
                _ => false,
            });
            if gives {
                return Err(Error::Taken {
                    name: module.to_owned(),
                    by: path.display().to_string(),
                });
            }
        }
        Ok(())
    }

    /// The levels and names of the crates that `depends` names, lowest first, without those that
    /// another of them depends on anyway.
    fn abstractions<'a>(&'a self, depends: &[String]) -> Result<Vec<(u32, &'a str)>> {
        let all: BTreeMap<&str, u32> = self
            .metadata
            .packages
            .iter()
            .filter_map(|package| Some((package.name.as_str(), level(package)?)))
            .collect();
        let core = ["core".to_owned()];
        let depends = match depends.is_empty() {
            true => &core,
            false => depends,
        };
        let mut found = Vec::new();
        for wanted in depends {
            let (name, level) = all
                .iter()
                .find(|(name, _)| **name == *wanted || name.strip_prefix(PREFIX) == Some(wanted))
                .ok_or_else(|| Error::Unusable {
                    text: wanted.clone(),
                    reason: format!(
                        "the crates with a level are {}",
                        all.keys().copied().collect::<Vec<_>>().join(", ")
                    ),
                })?;
            found.push((*level, *name));
        }
        found.sort();
        found.dedup();
        let implied: BTreeSet<&str> = found
            .iter()
            .flat_map(|(_, name)| self.below(name))
            .collect();
        found.retain(|(_, name)| !implied.contains(name));
        Ok(found)
    }

    /// All that the package `name` depends on, near and far.
    fn below(&self, name: &str) -> BTreeSet<&str> {
        let mut below = BTreeSet::new();
        let mut left = vec![name];
        while let Some(name) = left.pop() {
            let Some(package) = self.metadata.packages.iter().find(|p| *p.name == name) else {
                continue;
            };
            for dependency in &package.dependencies {
                let is_new = dependency.kind == DependencyKind::Normal
                    && below.insert(dependency.name.as_str());
                if is_new {
                    left.push(&dependency.name);
                }
            }
        }
        below
    }

    /// The levels of libraries.
    fn levels(&self) -> BTreeMap<String, u32> {
        let packages = self.metadata.packages.iter();
        packages
            .filter_map(|package| Some((package.name.replace('-', "_"), level(package)?)))
            .collect()
    }

    /// The facade's features that bring in the crates `below`.
    fn features_of(&self, facade: &Package, below: &[(u32, &str)]) -> Vec<String> {
        let brings = |feature: &str, package: &str| {
            self.feature(facade, feature)
                .is_some_and(|parts| parts.contains(&format!("dep:{package}")))
        };
        let mut features: Vec<String> = self
            .features(facade)
            .into_iter()
            .filter(|feature| below.iter().any(|(_, package)| brings(feature, package)))
            .collect();
        features.sort();
        features
    }

    fn feature<'a>(&'a self, facade: &Package, feature: &str) -> Option<&'a Vec<String>> {
        let mut packages = self.metadata.packages.iter();
        let package = packages.find(|package| *package.name == facade.name)?;
        package.features.get(feature)
    }

    fn features(&self, facade: &Package) -> Vec<String> {
        let mut packages = self.metadata.packages.iter();
        packages
            .find(|package| *package.name == facade.name)
            .map(|package| package.features.keys().cloned().collect())
            .unwrap_or_default()
    }
}

/// The names that an import gives.
fn names(tree: &UseTree) -> Vec<String> {
    match tree {
        UseTree::Path(path) => names(&path.tree),
        UseTree::Name(name) => vec![name.ident.to_string()],
        UseTree::Rename(rename) => vec![rename.rename.to_string()],
        UseTree::Group(group) => group.items.iter().flat_map(names).collect(),
        UseTree::Glob(_) => Vec::new(),
    }
}

/// Collects what changes in the files that name crates.
struct Edits<'a>(Vec<Edited>, &'a Path);

impl Plan {
    /// Whether the crate's files are there already, as they would be made.
    fn is_there(&self, root: &Path) -> Result<bool> {
        let folder = root.join(&self.folder);
        if !exists(&folder) {
            return Ok(false);
        }
        for (path, text) in &self.files {
            if read(&folder.join(path))?.as_deref() != Some(text.as_bytes()) {
                return Err(Error::Exists { path: folder });
            }
        }
        Ok(true)
    }

    fn carry_out(&self, root: &Path, disk: &Disk, is_there: bool) -> Result<()> {
        let prepared = root.join(PREPARED);
        disk.remove_own_folder(&prepared)?;
        if is_there && self.edits.is_empty() {
            return Ok(());
        }
        let result = self.carry_out_in(&prepared, root, disk, is_there);
        let cleaned = disk.remove_own_folder(&prepared);
        result.and(cleaned)
    }

    fn carry_out_in(
        &self,
        prepared: &Path,
        root: &Path,
        disk: &Disk,
        is_there: bool,
    ) -> Result<()> {
        disk.create_folders(prepared)?;
        if !is_there {
            let folder = prepared.join("crate");
            for (path, text) in &self.files {
                let path = folder.join(path);
                if let Some(parent) = path.parent() {
                    disk.create_folders(parent)?;
                }
                disk.write(&path, text.as_bytes(), 0o644)?;
            }
            let place = root.join(&self.folder);
            if let Some(parent) = place.parent() {
                disk.create_folders(parent)?;
            }
            disk.rename(&folder, &place)?;
        }
        for edit in &self.edits {
            let path = root.join(&edit.path);
            let new = prepared.join("edited");
            let mode = path.metadata().map_or(0o644, |metadata| mode(&metadata));
            disk.write(&new, edit.after.as_bytes(), mode)?;
            if read(&path)?.as_deref() != Some(edit.before.as_bytes()) {
                return Err(Error::ChangedMeanwhile { path });
            }
            disk.rename(&new, &path)?;
        }
        disk.sync(root)
    }
}

impl<'a> Edits<'a> {
    fn new(root: &'a Path) -> Self {
        Self(Vec::new(), root)
    }

    /// Has `edit` change the file `path`.
    fn add(&mut self, path: &str, edit: impl Fn(&str) -> Result<String, String>) -> Result<()> {
        let place = self.1.join(path);
        if place.is_symlink() {
            return Err(Error::Symlink { path: place });
        }
        let before = fs::read_to_string(&place).map_err(Error::io("read", &place))?;
        let after = edit(&before).map_err(|wanted| Error::NoPlace {
            path: place,
            wanted,
        })?;
        if after != before {
            self.0.push(Edited {
                path: path.to_owned(),
                before,
                after,
            });
        }
        Ok(())
    }

    /// The same, where there is such a file.
    fn add_if_there(
        &mut self,
        path: &str,
        edit: impl Fn(&str) -> Result<String, String>,
    ) -> Result<()> {
        match exists(&self.1.join(path)) {
            true => self.add(path, edit),
            false => Ok(()),
        }
    }
}

/// Keeps other runs out of the workspace.
fn lock(root: &Path) -> Result<File> {
    let folder = File::open(root).map_err(Error::io("open", root))?;
    match folder.try_lock() {
        Ok(()) => Ok(folder),
        Err(TryLockError::WouldBlock) => Err(Error::Busy {
            path: root.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", root)(error)),
    }
}

/// Has Cargo enter the crate into Cargo.lock. If it can't now, the next build does.
fn refresh_lock(root: &Path) {
    if root.join("Cargo.lock").exists() {
        let _ = Command::new("cargo")
            .args(["update", "--workspace", "--offline", "--quiet"])
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}
