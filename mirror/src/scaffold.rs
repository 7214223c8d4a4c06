// SPDX-License-Identifier: GPL-2.0

//! New crates: a subsystem or a driver that works as it is, and that the workspace knows of.
//!
//! The crate's files are written to a folder of their own, which is then renamed into place. The
//! files that name crates follow one by one, each by a rename, in an order in which the workspace
//! is sound after every step. What is there already stays as it is: run again, a command that was
//! stopped does the rest.

mod name;
mod register;
mod site;
mod template;

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::disk::{exists, mode, read, Disk};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::ide;
use crate::owners::{codeowners, CODEOWNERS, HEADING};
use crate::workspace::Package;

use site::Site;

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
    /// The files that could not be made again for it. `mirror ide` does, or says why not.
    pub outdated: Vec<String>,
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
        let lock = lock(&site.root)?;
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
        }
        drop(lock);
        let mut edited: Vec<String> = plan.edits.into_iter().map(|edit| edit.path).collect();
        let mut outdated = Vec::new();
        if !dry_run {
            refresh_lock(&site.root);
            match refresh_project(&site.root) {
                Ok(true) => edited.push(ide::FILE.to_owned()),
                Ok(false) => {}
                Err(_) => outdated.push(ide::FILE.to_owned()),
            }
        } else if !is_there && exists(&site.root.join(ide::FILE)) {
            edited.push(ide::FILE.to_owned());
        }
        Ok(Made {
            package: plan.package,
            folder: plan.folder,
            made,
            edited,
            outdated,
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
        let libs: Vec<String> = below
            .iter()
            .map(|(_, name)| name.replace('-', "_"))
            .collect();
        let globs = lines(&libs, |lib| format!("#[doc(no_inline)]\npub use {lib}::*;"));
        // What else names them does so in the order of their names, not of their levels.
        let mut libs = libs;
        libs.sort();
        let preludes = lines(&libs, |lib| {
            format!("    #[doc(no_inline)]\n    pub use {lib}::prelude::*;")
        });
        let interfaces = lines(&libs, |other| format!("pub use {lib}::<<{other}::*>>"));
        let prelude = lines(&libs, |other| {
            format!("pub use {lib}::prelude::<<{other}::prelude::*>>")
        });
        let prelude = format!("pub mod {lib}::prelude\n{prelude}\n");
        let is_first = "prelude" < module.as_str();
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
            ("globs", &globs.replace("\n#", "\n\n#")),
            ("preludes", &preludes),
            ("interfaces", &interfaces),
            ("prelude_first", if is_first { &prelude } else { "" }),
            ("prelude_last", if is_first { "" } else { &prelude }),
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
        edits.add_if_there(&format!("{place}api/current.txt"), |text| {
            register::facade_interface(text, &lib, name, &implied)
        })?;
        let owners = codeowners(&site.with(&package, &folder, self.maintainers(&facade)));
        edits.add_if_there(CODEOWNERS, |text| {
            let is_made = text.starts_with(HEADING);
            Ok(if is_made {
                owners.clone()
            } else {
                text.to_owned()
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

/// A line or more for each of `names`.
fn lines(names: &[String], line: impl Fn(&str) -> String) -> String {
    let lines: Vec<String> = names.iter().map(|name| line(name)).collect();
    lines.join("\n")
}

/// A description as the end of a line of the map.
fn about(description: &str) -> String {
    let mut letters = description.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
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

/// Makes rust-analyzer's file again, where there is one, and says whether it changed.
fn refresh_project(root: &Path) -> Result<bool> {
    if !exists(&root.join(ide::FILE)) {
        return Ok(false);
    }
    let project = ide::Project::of_workspace(root)?;
    Ok(project.write(&Disk::new(), false)? != ide::State::UpToDate)
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
