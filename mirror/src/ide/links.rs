// SPDX-License-Identifier: GPL-2.0

//! What a workspace's file reaches outside of the workspace: links below [`LINKS`].

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use super::library::{self, Network, HASHBROWN};
use super::workspace::{self, Packages, LINKS};
use crate::disk::Disk;
use crate::error::{Error, Result};

/// Where on this machine everything is that a workspace's file names.
#[derive(Clone, Debug)]
pub struct Links {
    folder: PathBuf,
    links: BTreeMap<PathBuf, PathBuf>,
    missing: Vec<String>,
    has_hashbrown: bool,
}

/// What [`Links::make`] did.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Made {
    /// How many links there are.
    pub links: usize,
    /// How many of them are new, or lead elsewhere than before.
    pub changed: usize,
    /// The procedural macros that are not built.
    pub missing: Vec<String>,
    /// Whether there is what the standard library makes `HashMap` from.
    pub has_hashbrown: bool,
}

impl Links {
    /// Finds everything, and has Cargo build the procedural macros.
    ///
    /// The standard library's sources are those of the toolchain, or else in the folder `library`.
    ///
    /// # Errors
    ///
    /// [`Error::Tool`], [`Error::NoRustSource`], [`Error::NoWorkspace`].
    pub fn find(dir: &Path, library: Option<&Path>) -> Result<Self> {
        let (metadata, root) = workspace::metadata(dir)?;
        let sysroot = library::sysroot(&root)?;
        let library = library::find(&sysroot, library)?;

        let hashbrown = library::hashbrown(&library, Network::Allowed);
        let mut links = BTreeMap::from([
            (PathBuf::from("sysroot"), sysroot),
            (PathBuf::from("library"), library),
        ]);
        let has_hashbrown = hashbrown.is_some();
        links.extend(hashbrown.map(|folder| (PathBuf::from(HASHBROWN), folder)));
        let packages = Packages::new(&metadata, &root);
        let mut macros = BTreeMap::new();
        for package in &packages.used {
            let slug = workspace::slug(package);
            if !packages.is_inside(package) {
                let folder = workspace::folder(package).to_owned();
                links.insert(Path::new("crates").join(&slug), folder);
            }
            if workspace::main_target(package).is_some_and(|target| target.is_proc_macro()) {
                macros.insert(&package.id, slug);
            }
        }
        let mut missing: BTreeSet<String> = macros.values().cloned().collect();

        let (messages, all) = cargo_check(&root)?;
        // Some are built twice, with other features. One is as good as the other, but it has to be
        // the same one each time.
        let mut insert = |name: PathBuf, to: PathBuf| match links.get(&name) {
            Some(other) if *other <= to => (),
            _ => {
                links.insert(name, to);
            }
        };
        for message in messages {
            match message {
                Message::CompilerArtifact(artifact) if artifact.target.is_proc_macro() => {
                    let slug = macros.get(&artifact.package_id);
                    // Its tests are checked as well, and give something else.
                    let file = artifact
                        .filenames
                        .iter()
                        .find(|file| file.extension() == Some(std::env::consts::DLL_EXTENSION));
                    if let (Some(slug), Some(file)) = (slug, file) {
                        let name = Path::new("macros").join(format!("{slug}.so"));
                        insert(name, file.clone().into_std_path_buf());
                        missing.remove(slug);
                    }
                }
                Message::BuildScriptExecuted(script) => {
                    let package = packages.used.iter().find(|p| p.id == script.package_id);
                    if let Some(package) = package.filter(|p| !packages.is_inside(p)) {
                        let name = Path::new("out").join(workspace::slug(package));
                        insert(name, script.out_dir.into_std_path_buf());
                    }
                }
                _ => (),
            }
        }
        Ok(Self {
            folder: root.join(LINKS),
            links,
            // Cargo lists some that no feature calls for.
            missing: missing.into_iter().filter(|_| !all).collect(),
            has_hashbrown,
        })
    }

    /// Makes the links, and removes those that nothing needs any more.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn make(&self, disk: &Disk) -> Result<Made> {
        disk.create_folders(&self.folder)?;
        let _lock = super::lock(&self.folder)?;
        let mut made = Made {
            links: self.links.len(),
            changed: 0,
            missing: self.missing.clone(),
            has_hashbrown: self.has_hashbrown,
        };
        for (name, to) in &self.links {
            let link = self.folder.join(name);
            if let Some(parent) = link.parent() {
                disk.create_folders(parent)?;
            }
            made.changed += usize::from(point(disk, &link, to)?);
        }
        for group in ["crates", "macros", "out"] {
            let group = Path::new(group);
            let Ok(entries) = fs::read_dir(self.folder.join(group)) else {
                continue;
            };
            for entry in entries.flatten() {
                let wanted = self.links.contains_key(&group.join(entry.file_name()));
                if !wanted && entry.path().is_symlink() {
                    disk.remove(&entry.path())?;
                }
            }
        }
        Ok(made)
    }
}

/// Makes `link` lead to `to`, and says whether it did not before.
pub(super) fn point(disk: &Disk, link: &Path, to: &Path) -> Result<bool> {
    if fs::read_link(link).is_ok_and(|now| now == to) {
        return Ok(false);
    }
    let mut name = link.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = link.with_file_name(name);
    disk.remove(&new)?;
    disk.symlink(to, &new)?;
    disk.rename(&new, link)?;
    Ok(true)
}

/// Runs `cargo check`, which builds procedural macros and runs build scripts, and returns what it
/// reports, and whether there was no error. Errors are shown by Cargo.
fn cargo_check(root: &Path) -> Result<(Vec<Message>, bool)> {
    let failed = |reason: String| Error::Tool {
        command: "cargo check --workspace".to_owned(),
        reason,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["check", "--workspace", "--all-targets", "--keep-going"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(root)
        // Set by Cargo itself when it runs this program; build scripts would all run again.
        .env_remove("RUSTC_BOOTSTRAP")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    let messages: Vec<Message> = Message::parse_stream(output.stdout.as_slice())
        .filter_map(Result::ok)
        .collect();
    let success = output.status.success();
    if messages.is_empty() && !success {
        return Err(failed(output.status.to_string()));
    }
    Ok((messages, success))
}
