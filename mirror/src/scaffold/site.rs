// SPDX-License-Identifier: GPL-2.0

//! What a workspace has already.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata};
use syn::{Item, UseTree};

use super::PREFIX;
use crate::disk::read;
use crate::error::{Error, Result};
use crate::workspace::{level, metadata, Dest, Package, Workspace};

/// The workspace, as far as a new crate is concerned.
pub(super) struct Site {
    pub(super) root: PathBuf,
    pub(super) metadata: Metadata,
    workspace: Workspace,
}

impl Site {
    pub(super) fn load(dir: &Path) -> Result<Self> {
        let metadata = metadata(dir)?;
        Ok(Self {
            root: metadata.workspace_root.clone().into_std_path_buf(),
            workspace: Workspace::of(&metadata)?,
            metadata,
        })
    }

    /// `folder` as seen from the workspace's, to be followed by a file's name.
    pub(super) fn relative(&self, folder: &Path) -> String {
        let folder = folder.strip_prefix(&self.root).unwrap_or(folder);
        match folder.as_os_str().is_empty() {
            true => String::new(),
            false => format!("{}/", folder.display()),
        }
    }

    pub(super) fn facade(&self) -> Result<Package> {
        self.workspace.facade().cloned().ok_or(Error::NoPlace {
            path: self.root.clone(),
            wanted: "a facade: a crate whose library is `kernel`".to_owned(),
        })
    }

    /// The workspace with one more abstraction crate, as far as its owners are concerned.
    pub(super) fn with(&self, package: &str, folder: &str, maintainers: &[String]) -> Workspace {
        let mut workspace = self.workspace.clone();
        workspace.packages.retain(|other| other.name != package);
        workspace.packages.push(Package {
            name: package.to_owned(),
            version: String::new(),
            description: String::new(),
            lib: package.replace('-', "_"),
            root: self.root.join(folder),
            dest: Dest::Kernel,
            maintainers: maintainers.to_vec(),
            lists: Vec::new(),
            status: String::new(),
            dependencies: BTreeMap::new(),
        });
        workspace
    }

    /// That no other package is called `package`.
    pub(super) fn not_taken(&self, package: &str, folder: &str) -> Result<()> {
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
    pub(super) fn no_module(&self, module: &str, package: &str) -> Result<()> {
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
    pub(super) fn abstractions<'a>(&'a self, depends: &[String]) -> Result<Vec<(u32, &'a str)>> {
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
    pub(super) fn levels(&self) -> BTreeMap<String, u32> {
        let packages = self.metadata.packages.iter();
        packages
            .filter_map(|package| Some((package.name.replace('-', "_"), level(package)?)))
            .collect()
    }

    /// The facade's features that bring in the crates `below`.
    pub(super) fn features_of(&self, facade: &Package, below: &[(u32, &str)]) -> Vec<String> {
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

    pub(super) fn features(&self, facade: &Package) -> Vec<String> {
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
