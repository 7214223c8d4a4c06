// SPDX-License-Identifier: GPL-2.0

//! The workspace, as Cargo knows it: each target of its members, and the libraries they use.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{
    DependencyKind, Metadata, MetadataCommand, Node, Package, PackageId, Target, TargetKind,
};
use serde::Deserialize;

use super::library;
use super::model::{Build, Crate, Dep, Model, Runnable, Source};
use super::tree::read_cfgs;
use crate::error::{Error, Result};
use crate::workspace::reason;

/// The folder that the file reaches everything through that is not in the workspace.
/// Its name is in what rust-analyzer says when it is missing.
pub(super) const LINKS: &str = "target/mirror-ide";

/// The edition of the standard library, from Rust 1.87 on.
const LIBRARY_EDITION: &str = "2024";

/// The file describes the dependencies that there are on this platform, whoever makes it.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// The package by which build scripts pass on the kernel's configuration.
const CONFIG: &str = "kernel-config";

/// The folder of a package that holds a configuration, and what belongs to it.
const SNAPSHOT: &str = "snapshot";

/// The list of the snapshot's cfgs.
const KERNEL_CFGS: &str = "kernel";

/// What Cargo says of the workspace that `dir` is in, and its folder.
pub(super) fn metadata(dir: &Path) -> Result<(Metadata, PathBuf)> {
    let none = |reason: String| Error::NoWorkspace {
        path: dir.to_owned(),
        reason,
    };
    let dir = dir
        .canonicalize()
        .map_err(|error| none(error.to_string()))?;
    let metadata = MetadataCommand::new()
        .current_dir(&dir)
        .other_options(vec!["--filter-platform".to_owned(), PLATFORM.to_owned()])
        .exec()
        .map_err(|error| none(reason(&error)))?;
    let root = metadata.workspace_root.clone().into_std_path_buf();
    Ok((metadata, root))
}

/// `NAME-VERSION`, which is what a package's links are called.
pub(super) fn slug(package: &Package) -> String {
    format!("{}-{}", package.name, package.version)
}

/// The folder of a package's manifest.
pub(super) fn folder(package: &Package) -> &Path {
    package
        .manifest_path
        .parent()
        .map_or(Path::new("."), |path| path.as_std_path())
}

/// The target that other packages depend on.
pub(super) fn main_target(package: &Package) -> Option<&Target> {
    package.targets.iter().find(|target| {
        target.kind.iter().any(|kind| {
            !matches!(
                kind,
                TargetKind::Bin
                    | TargetKind::Test
                    | TargetKind::Bench
                    | TargetKind::Example
                    | TargetKind::CustomBuild
            )
        })
    })
}

pub(super) fn has_build_script(package: &Package) -> bool {
    package.targets.iter().any(Target::is_custom_build)
}

/// The packages that the file is about.
pub(super) struct Packages<'a> {
    root: &'a Path,
    members: BTreeSet<&'a PackageId>,
    packages: BTreeMap<&'a PackageId, &'a Package>,
    nodes: BTreeMap<&'a PackageId, &'a Node>,
    /// Members first, so that their places in the file don't depend on anything else.
    pub(super) used: Vec<&'a Package>,
}

impl<'a> Packages<'a> {
    pub(super) fn new(metadata: &'a Metadata, root: &'a Path) -> Self {
        let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
        let mut packages = Self {
            root,
            members: metadata.workspace_members.iter().collect(),
            packages: metadata.packages.iter().map(|p| (&p.id, p)).collect(),
            nodes: nodes.map(|node| (&node.id, node)).collect(),
            used: Vec::new(),
        };
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<&PackageId> = packages.members.iter().copied().collect();
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            let of_member = packages.members.contains(id);
            waiting.extend(
                packages
                    .dependencies(id, |kind| of_member || kind == DependencyKind::Normal)
                    .map(|(_, package)| &package.id),
            );
        }
        let mut used: Vec<&Package> = seen
            .iter()
            .filter_map(|id| packages.packages.get(id).copied())
            .collect();
        used.sort_by_key(|p| (!packages.is_member(p), p.name.as_str(), &p.version));
        packages.used = used;
        packages
    }

    fn is_member(&self, package: &Package) -> bool {
        self.members.contains(&package.id)
    }

    /// Whether the package's folder is a part of the workspace's.
    pub(super) fn is_inside(&self, package: &Package) -> bool {
        folder(package).starts_with(self.root)
    }

    /// The packages that `id` depends on in such a way, under the names that it calls them by.
    fn dependencies(
        &self,
        id: &PackageId,
        wanted: impl Fn(DependencyKind) -> bool,
    ) -> impl Iterator<Item = (&'a str, &'a Package)> {
        let node = self.nodes.get(id).copied();
        let deps = node.iter().flat_map(|node| &node.deps);
        deps.filter(|dep| dep.dep_kinds.iter().any(|kind| wanted(kind.kind)))
            .filter_map(|dep| Some((dep.name.as_str(), *self.packages.get(&dep.pkg)?)))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Whether `from` comes to `to` along the dependencies that libraries have.
    fn leads(&self, from: &'a PackageId, to: &PackageId) -> bool {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(id) = waiting.pop() {
            if id == to {
                return true;
            }
            if seen.insert(id) {
                let next = self.dependencies(id, |kind| kind == DependencyKind::Normal);
                waiting.extend(next.map(|(_, package)| &package.id));
            }
        }
        false
    }

    /// The snapshot that the package is configured by: its own, or that of a package it depends on.
    fn snapshot(&self, package: &Package) -> Option<PathBuf> {
        let configured = self
            .dependencies(&package.id, |kind| kind == DependencyKind::Build)
            .any(|(_, dependency)| dependency.name.as_str() == CONFIG);
        if !configured {
            return None;
        }
        let own = folder(package).join(SNAPSHOT);
        if own.is_dir() {
            return Some(own);
        }
        // `links` is what hands it on.
        self.dependencies(&package.id, |kind| kind == DependencyKind::Normal)
            .filter(|(_, dependency)| dependency.links.is_some())
            .find_map(|(_, dependency)| self.snapshot(dependency))
    }

    /// A path of the package, as the file has it.
    fn place(&self, package: &Package, path: &Path) -> String {
        let (top, path) = match self.is_inside(package) {
            true => (String::new(), path.strip_prefix(self.root)),
            false => (
                format!("{LINKS}/crates/{}/", slug(package)),
                path.strip_prefix(folder(package)),
            ),
        };
        let path = path.unwrap_or(Path::new("")).to_string_lossy().into_owned();
        format!("{top}{path}").trim_end_matches('/').to_owned()
    }
}

/// The `[workspace.metadata.mirror.ide]` table.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Cfgs for packages of others, by their names. Build scripts set such, and what they set
    /// depends on the machine; the file is the same everywhere.
    #[serde(default)]
    cfg: BTreeMap<String, Vec<String>>,
}

fn table(metadata: &Metadata, root: &Path) -> Result<Table> {
    let value = metadata.workspace_metadata.get("mirror");
    match value.and_then(|mirror| mirror.get("ide")) {
        None => Ok(Table::default()),
        Some(value) => Table::deserialize(value).map_err(|error| Error::WorkspaceTable {
            path: root.join("Cargo.toml"),
            reason: error.to_string(),
        }),
    }
}

/// What the file says.
pub(super) fn model(metadata: &Metadata, root: &Path) -> Result<Model> {
    let packages = Packages::new(metadata, root);
    let table = table(metadata, root)?;
    let mut units: Vec<(&Package, &Target)> = Vec::new();
    for package in &packages.used {
        let mut targets: Vec<&Target> = match packages.is_member(package) {
            true => package.targets.iter().collect(),
            false => main_target(package).into_iter().collect(),
        };
        targets.sort_by_key(|target| (order(target), &target.name));
        units.extend(targets.into_iter().map(|target| (*package, target)));
    }
    let places: BTreeMap<&PackageId, usize> = units
        .iter()
        .enumerate()
        .filter(|(_, (_, target))| order(target) == 0)
        .map(|(at, (package, _))| (&package.id, at))
        .collect();

    let mut cfg_groups = BTreeMap::new();
    let mut crates = Vec::with_capacity(units.len());
    for (package, target) in &units {
        let mut unit = describe(&packages, package, target, &places);
        if let Some(snapshot) = packages.snapshot(package).filter(|_| order(target) < 3) {
            unit.cfg.push("cargo".to_owned());
            let cfgs = read_cfgs(&snapshot)?;
            if !cfgs.is_empty() {
                cfg_groups.insert(KERNEL_CFGS.to_owned(), cfgs);
                unit.cfg_groups.push(KERNEL_CFGS.to_owned());
            }
            // rust-analyzer takes it from the folder of the file that includes something.
            let from = target.src_path.parent().map(|path| path.as_std_path());
            let objtree = relative(from.unwrap_or(root), &snapshot);
            unit.env.insert("OBJTREE".to_owned(), objtree);
        }
        if let Some(cfgs) = table.cfg.get(package.name.as_str()) {
            unit.cfg.extend(cfgs.iter().cloned());
        }
        crates.push(unit);
    }
    Ok(Model {
        sysroot: format!("{LINKS}/sysroot"),
        sysroot_src: format!("{LINKS}/library"),
        sysroot_project: library::crates(LIBRARY_EDITION),
        cfg_groups,
        runnables: runnables(),
        crates,
        ..Model::default()
    })
}

/// Libraries, then programs, tests and the like, and build scripts.
fn order(target: &Target) -> u8 {
    if target.is_custom_build() {
        3
    } else if target.is_bin() {
        1
    } else if target.is_test() || target.is_bench() || target.is_example() {
        2
    } else {
        0
    }
}

fn describe(
    packages: &Packages<'_>,
    package: &Package,
    target: &Target,
    places: &BTreeMap<&PackageId, usize>,
) -> Crate {
    let member = packages.is_member(package);
    let order = order(target);
    let mut deps: BTreeMap<String, usize> = packages
        .dependencies(&package.id, |kind| match kind {
            DependencyKind::Normal => order < 3,
            DependencyKind::Build => order == 3,
            DependencyKind::Development => member && order < 3,
            _ => false,
        })
        // A library's tests may use what depends on the library; it itself can't.
        .filter(|(_, dependency)| order > 0 || !packages.leads(&dependency.id, &package.id))
        .filter_map(|(name, dependency)| Some((name.to_owned(), *places.get(&dependency.id)?)))
        .collect();
    if let (1 | 2, Some(target)) = (order, main_target(package)) {
        if let Some(at) = places.get(&package.id) {
            deps.insert(target.name.replace('-', "_"), *at);
        }
    }

    let features = packages.nodes.get(&package.id).map(|node| &node.features);
    let mut cfg: Vec<String> = features
        .into_iter()
        .flatten()
        .map(|feature| format!("feature=\"{feature}\""))
        .collect();
    cfg.sort();

    let top = packages.place(package, folder(package));
    let below = |name: &str| match top.is_empty() {
        true => name.to_owned(),
        false => format!("{top}/{name}"),
    };
    let mut include_dirs = vec![match top.is_empty() {
        true => ".".to_owned(),
        false => top.clone(),
    }];
    let mut env = BTreeMap::new();
    if member {
        env.insert("CARGO_PKG_NAME".to_owned(), package.name.to_string());
        env.insert("CARGO_PKG_VERSION".to_owned(), package.version.to_string());
        env.insert("CARGO_CRATE_NAME".to_owned(), target.name.replace('-', "_"));
        env.insert("CARGO_MANIFEST_DIR".to_owned(), include_dirs[0].clone());
    }
    if order == 2 {
        for program in package.targets.iter().filter(|target| target.is_bin()) {
            let name = &program.name;
            env.insert(
                format!("CARGO_BIN_EXE_{name}"),
                format!("target/debug/{name}"),
            );
        }
    }
    if !member && has_build_script(package) {
        let out = format!("{LINKS}/out/{}", slug(package));
        let from = packages.place(package, target.src_path.as_std_path());
        let from = Path::new(&from).parent().unwrap_or(Path::new(""));
        env.insert("OUT_DIR".to_owned(), relative(from, Path::new(&out)));
        include_dirs.push(out);
    }
    let exclude: &[&str] = match (member, top.is_empty()) {
        (true, true) => &[".git", "target"],
        (true, false) => &[],
        (false, _) => &["benches", "examples", "target", "tests"],
    };
    Crate {
        display_name: target.name.replace('-', "_"),
        root_module: packages.place(package, target.src_path.as_std_path()),
        edition: target.edition.to_string(),
        version: Some(package.version.to_string()),
        is_workspace_member: member,
        deps: deps
            .into_iter()
            .map(|(name, at)| Dep { at, name })
            .collect(),
        cfg,
        env,
        source: Some(Source {
            include_dirs,
            exclude_dirs: exclude.iter().map(|name| below(name)).collect(),
        }),
        is_proc_macro: target.is_proc_macro(),
        proc_macro_dylib_path: target
            .is_proc_macro()
            .then(|| format!("{LINKS}/macros/{}.so", slug(package))),
        build: member.then(|| Build {
            label: package.name.to_string(),
            build_file: below("Cargo.toml"),
            target_kind: match order {
                1 => "bin",
                2 => "test",
                _ => "lib",
            },
        }),
        ..Crate::default()
    }
}

/// What editors run: on saving, and beside tests and programs.
fn runnables() -> Vec<Runnable> {
    let cargo = |kind, args| Runnable {
        kind,
        program: "cargo",
        args,
        cwd: ".",
    };
    vec![
        cargo(
            "flycheck",
            vec![
                "check",
                "--package",
                "{label}",
                "--all-targets",
                "--message-format=json",
            ],
        ),
        cargo("check", vec!["check", "--package", "{label}"]),
        cargo("run", vec!["run", "--package", "{label}"]),
        cargo(
            "testOne",
            vec![
                "test",
                "--package",
                "{label}",
                "--",
                "--exact",
                "{test_id}",
                "--nocapture",
            ],
        ),
        cargo(
            "testMod",
            vec!["test", "--package", "{label}", "--", "{test_pattern}"],
        ),
    ]
}

/// The way from the folder `from` to `to`; both are below one folder.
fn relative(from: &Path, to: &Path) -> String {
    let shared = from
        .components()
        .zip(to.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down = to
        .components()
        .skip(shared)
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_way_between_folders() {
        let relative = |from, to| relative(Path::new(from), Path::new(to));
        assert_eq!(relative("a/src", "a/snapshot"), "../snapshot");
        assert_eq!(relative("/w/a/src", "/w/b/c"), "../../b/c");
        assert_eq!(relative("a", "a/b"), "b");
    }
}
