// SPDX-License-Identifier: GPL-2.0

//! Where things are, and what the workspace consists of.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand, Package};

/// The workspace this program was built in.
pub(crate) struct Workspace {
    /// Its root folder.
    pub(crate) root: PathBuf,
    /// What Cargo says of it.
    pub(crate) metadata: Metadata,
    kernel_dir: PathBuf,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in a workspace")?;
        Self::at(root, root.join("target/kernel"))
    }

    /// The workspace in `root`, with its kernels in `kernel_dir`.
    pub(crate) fn at(root: &Path, kernel_dir: PathBuf) -> Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .exec()
            .context("can't read the workspace")?;
        Ok(Self {
            root: root.to_owned(),
            metadata,
            kernel_dir,
        })
    }

    /// The folder of everything that has to do with a kernel: source, tools, builds, logs.
    pub(crate) fn kernel_dir(&self) -> PathBuf {
        self.kernel_dir.clone()
    }

    /// The file that holds what the step `name` printed.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.kernel_dir().join("logs").join(format!("{name}.log"))
    }

    /// The packages that go to a kernel tree, in dependency order.
    pub(crate) fn kernel_packages(&self) -> Vec<&Package> {
        let members: Vec<&Package> = self
            .metadata
            .workspace_packages()
            .into_iter()
            .filter(|package| package.metadata.get("mirror").is_some())
            .collect();
        let mut sorted: Vec<&Package> = Vec::new();
        while sorted.len() < members.len() {
            let before = sorted.len();
            for package in &members {
                let ready = package
                    .dependencies
                    .iter()
                    .filter(|dep| dep.kind == cargo_metadata::DependencyKind::Normal)
                    .filter(|dep| members.iter().any(|m| *m.name == dep.name))
                    .all(|dep| sorted.iter().any(|s| *s.name == dep.name));
                if ready && !sorted.iter().any(|s| s.name == package.name) {
                    sorted.push(package);
                }
            }
            assert!(
                before < sorted.len(),
                "Cargo allows no cycle of dependencies"
            );
        }
        sorted
    }

    /// The packages under `drivers/`.
    pub(crate) fn driver_packages(&self) -> Vec<&Package> {
        let drivers = self.root.join("drivers");
        let mut packages: Vec<&Package> = self
            .metadata
            .workspace_packages()
            .into_iter()
            .filter(|package| package.manifest_path.as_std_path().starts_with(&drivers))
            .collect();
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        packages
    }
}

/// The folder that a package's manifest lies in.
pub(crate) fn folder(package: &Package) -> &Path {
    package
        .manifest_path
        .parent()
        .map_or(Path::new("."), |parent| parent.as_std_path())
}
