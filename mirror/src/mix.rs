// SPDX-License-Identifier: GPL-2.0

//! `mirror apply --package`: some crates in another version, among others as they are in the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use semver::Version;

use crate::error::{Error, Requirement, Result};
use crate::flatten::{flatten_images, Flat};
use crate::git::Git;
use crate::image::{self, File, Image};
use crate::records::{Lock, LockedCrate};
use crate::store::Store;
use crate::tree::{Tree, LOCK};
use crate::workspace::{parse_dest, Dest, Package, Workspace};

/// The tree's crates as the lock has them, but for those in `moved`: for each of these the version or
/// revision, or none for what the workspace has.
pub(crate) fn mix(
    workspace: &Workspace,
    tree: &Tree,
    lock: Option<&Lock>,
    moved: &BTreeMap<String, Option<String>>,
) -> Result<Flat> {
    let Some(lock) = lock else {
        let path = tree.root().to_owned();
        return Err(Error::NotApplied { path });
    };
    let mut images = BTreeMap::new();
    for (name, image) in read_all(workspace, moved)? {
        if lock.left_out.iter().any(|out| out.name == name) {
            let path = tree.root().to_owned();
            return Err(Error::IsLeftOut { path, name });
        }
        images.insert(name, image);
    }
    let mut packages: BTreeMap<&str, Package> = BTreeMap::new();
    for krate in &lock.crates {
        if !images.contains_key(&krate.name) {
            packages.insert(&krate.name, package(tree, krate)?);
        }
    }
    for (name, image) in &images {
        packages.insert(name, image.package.clone());
    }
    check(workspace, tree, lock, &packages, moved)?;

    let packages: Vec<_> = packages.into_values().collect();
    for krate in &lock.crates {
        if let Some(package) = packages.iter().find(|package| package.name == krate.name) {
            if !images.contains_key(&krate.name) {
                let image = recorded(tree, lock, krate, package.clone())?;
                images.insert(krate.name.clone(), image);
            }
        }
    }
    let order = Workspace::new(workspace.root.clone(), packages).packages;
    let images = order
        .iter()
        .filter_map(|package| images.remove(&package.name));
    flatten_images(images.collect(), &lock.left_out)
}

/// Reads the crates that are to be moved.
fn read_all(
    workspace: &Workspace,
    moved: &BTreeMap<String, Option<String>>,
) -> Result<BTreeMap<String, Image>> {
    let mut images = BTreeMap::new();
    // Crates that move to the same revision share its files.
    let mut revisions = BTreeMap::new();
    for (name, version) in moved {
        let Some(version) = version else {
            images.insert(name.clone(), Image::read(workspace.package(name)?)?);
            continue;
        };
        let is_version = Version::parse(version).is_ok();
        let revision = match is_version {
            true => tag(workspace, name, version)?,
            false => version.clone(),
        };
        if !revisions.contains_key(&revision) {
            revisions.insert(revision.clone(), Workspace::at(&workspace.root, &revision)?);
        }
        let Some((_folder, then)) = revisions.get(&revision) else {
            continue;
        };
        let mut image = Image::read(then.package(name)?)?;
        if is_version && image.package.version != *version {
            return Err(Error::Git {
                path: workspace.root.clone(),
                command: format!("rev-parse {revision}"),
                reason: format!("the manifest there says {}", image.package.version),
            });
        }
        image.package.root = PathBuf::from(format!("{name}@{version}"));
        images.insert(name.clone(), image);
    }
    Ok(images)
}

/// The tag of a released version.
fn tag(workspace: &Workspace, name: &str, version: &str) -> Result<String> {
    let prefix = format!("{name}@");
    let git = Git::new(&workspace.root);
    let tags = git.run(&["tag", "--list", &format!("{prefix}*")])?;
    let known = tags.lines().filter_map(|tag| tag.strip_prefix(&prefix));
    match known.clone().any(|known| known == version) {
        true => Ok(format!("refs/tags/{prefix}{version}")),
        false => Err(Error::NoSuchVersion {
            name: name.to_owned(),
            version: version.to_owned(),
            known: known.map(str::to_owned).collect(),
        }),
    }
}

/// Checks every requirement, and finds out which other crates would have to move.
fn check(
    workspace: &Workspace,
    tree: &Tree,
    lock: &Lock,
    packages: &BTreeMap<&str, Package>,
    moved: &BTreeMap<String, Option<String>>,
) -> Result<()> {
    let broken = broken(workspace, lock, packages);
    if broken.is_empty() {
        return Ok(());
    }
    // Moving a crate may break what another one requires, and so on.
    let mut also = BTreeSet::new();
    let mut packages = packages.clone();
    let mut left = broken.clone();
    loop {
        let is_chosen = |name: &str| moved.contains_key(name) || also.contains(name);
        let is_out = |name: &str| lock.left_out.iter().any(|out| out.name == name);
        let candidates = left.iter().flat_map(|it| [it.by.as_str(), &it.name]);
        let next = candidates
            .filter(|name| !is_chosen(name) && !is_out(name))
            .filter_map(|name| workspace.package(name).ok())
            .find(|package| {
                let now = packages.get(package.name.as_str());
                now.is_none_or(|now| now.version != package.version)
            });
        let Some(package) = next else {
            also.clear();
            break;
        };
        also.insert(package.name.clone());
        packages.insert(&package.name, package.clone());
        left = self::broken(workspace, lock, &packages);
        if left.is_empty() {
            break;
        }
    }
    Err(Error::Requirements {
        path: tree.root().to_owned(),
        broken,
        also: also.into_iter().collect(),
    })
}

/// The requirements among `packages` that do not hold.
fn broken(
    workspace: &Workspace,
    lock: &Lock,
    packages: &BTreeMap<&str, Package>,
) -> Vec<Requirement> {
    let mut broken = Vec::new();
    for package in packages.values() {
        for (name, versions) in &package.dependencies {
            let found = packages.get(name.as_str());
            let holds = match found {
                Some(found) => Version::parse(&found.version).is_ok_and(|it| versions.matches(&it)),
                // What the facade only re-exports may be left out.
                None if lock.left_out.iter().any(|out| out.name == *name) => package.is_facade(),
                // Some crates are no part of any tree.
                None => workspace.package(name).is_err(),
            };
            if !holds {
                broken.push(Requirement {
                    by: package.name.clone(),
                    version: package.version.clone(),
                    name: name.clone(),
                    versions: versions.to_string(),
                    found: found.map(|found| found.version.clone()),
                });
            }
        }
    }
    broken
}

/// The crate as the lock has it, without its files.
fn package(tree: &Tree, krate: &LockedCrate) -> Result<Package> {
    let bad = |reason: String| Error::Record {
        path: tree.path(LOCK),
        reason,
    };
    if krate.lib.is_empty() {
        // An earlier mirror did not write that.
        return Err(no_base(tree, &krate.name));
    }
    let dest = match &krate.dest {
        None => Dest::Kernel,
        Some(place) => parse_dest(place).map_err(bad)?,
    };
    Ok(Package {
        name: krate.name.clone(),
        version: krate.version.clone(),
        description: krate.description.clone(),
        lib: krate.lib.clone(),
        // It has no folder.
        root: PathBuf::from(format!("{}@{}", krate.name, krate.version)),
        dest,
        maintainers: krate.maintainers.clone(),
        lists: krate.lists.clone(),
        status: krate.status.clone(),
        dependencies: krate.dependencies.clone(),
    })
}

/// The crate's files as they were when it was put into the tree.
fn recorded(tree: &Tree, lock: &Lock, krate: &LockedCrate, package: Package) -> Result<Image> {
    let store = Store::base(tree);
    let missing = || no_base(tree, &krate.name);
    let mut files = BTreeMap::new();
    for (name, digest) in &krate.inputs {
        let bytes = store.get(digest)?.ok_or_else(missing)?;
        files.insert(name.clone(), File::from(bytes));
    }
    for file in lock.files_of(&krate.name) {
        let name = image::name(&package.dest, &file.path).ok_or_else(missing)?;
        let bytes = store.get(&file.stamp.digest)?.ok_or_else(missing)?;
        let executable = file.stamp.executable;
        files.insert(name, File { bytes, executable });
    }
    let image = Image { package, files };
    match image.digest() == krate.sha256 {
        true => Ok(image),
        // The lock was edited, or merged.
        false => Err(missing()),
    }
}

fn no_base(tree: &Tree, name: &str) -> Error {
    Error::NoBase {
        path: tree.root().to_owned(),
        name: name.to_owned(),
    }
}
