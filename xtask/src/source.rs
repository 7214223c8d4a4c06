// SPDX-License-Identifier: GPL-2.0

//! The kernel's source: downloaded once, or a tree that the user has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure, Context, Result};

use crate::commands::with_hint;
use crate::debian::Apt;
use crate::run::step;
use crate::workspace::Workspace;

/// The kernel that the crates are written for.
pub(crate) const VERSION: &str = "7.2";

/// The source tree to work in: `given`, or one that is downloaded and unpacked under `target/`.
pub(crate) fn tree(workspace: &Workspace, given: Option<&Path>) -> Result<PathBuf> {
    if let Some(tree) = given {
        let tree = tree
            .canonicalize()
            .with_context(|| format!("no kernel tree at {}", tree.display()))?;
        check(&tree)?;
        return Ok(tree);
    }
    let dir = workspace.kernel_dir();
    if let Some(tree) = unpacked(&dir) {
        return Ok(tree);
    }
    let package = format!("linux-source-{VERSION}");
    let apt = Apt::new(workspace)?;
    let version = apt
        .version(&package, &format!("{VERSION}."))?
        .with_context(|| {
            format!(
                "Debian has no {package} at the moment\n\
                 hint: unpack a Linux {VERSION} source yourself and pass it with --tree DIR"
            )
        })?;
    let upstream = version.split(['-', '+']).next().unwrap_or(VERSION);
    let staging = dir.join("source-staging");
    let _ = fs::remove_dir_all(&staging);
    apt.unpack(workspace, &package, &version, &staging)?;
    let tree = staging.join("tree");
    fs::create_dir_all(&tree)?;
    step(
        &format!("unpacking Linux {upstream}"),
        Command::new("tar")
            .arg("-xf")
            .arg(staging.join(format!("usr/src/{package}.tar.xz")))
            .arg("-C")
            .arg(&tree)
            .arg("--strip-components=1"),
        &workspace.log("unpack-tree"),
    )?;
    check(&tree)?;
    let place = dir.join(format!("linux-{upstream}"));
    fs::rename(&tree, &place).with_context(|| place.display().to_string())?;
    fs::remove_dir_all(&staging)?;
    Ok(place)
}

/// A copy of `source` with the tree's own `kernel` crate: as it was before anything was mirrored.
pub(crate) fn untouched(workspace: &Workspace, source: &Path) -> Result<PathBuf> {
    let copy = workspace.kernel_dir().join("untouched");
    if check(&copy).is_ok() {
        return Ok(copy);
    }
    let staging = workspace.kernel_dir().join("untouched-staging");
    let _ = fs::remove_dir_all(&staging);
    step(
        "copying the source, for the tree's own crate",
        Command::new("cp").arg("-a").arg(source).arg(&staging),
        &workspace.log("untouched"),
    )?;
    let tree = mirror::Tree::open(&staging).map_err(with_hint)?;
    mirror::restore(&tree, mirror::Options::default()).map_err(with_hint)?;
    fs::rename(&staging, &copy).with_context(|| copy.display().to_string())?;
    Ok(copy)
}

/// A tree of the right version that an earlier run has unpacked.
fn unpacked(dir: &Path) -> Option<PathBuf> {
    let mut trees: Vec<PathBuf> = fs::read_dir(dir)
        .ok()?
        .flatten()
        .filter(|entry| {
            entry
                .file_name()
                .to_string_lossy()
                .starts_with(&format!("linux-{VERSION}."))
        })
        .map(|entry| entry.path())
        .collect();
    trees.sort();
    trees.pop()
}

/// Whether `tree` is the source of a kernel that the crates are written for.
fn check(tree: &Path) -> Result<()> {
    let makefile = fs::read_to_string(tree.join("Makefile")).unwrap_or_default();
    let value = |key: &str| {
        makefile
            .lines()
            .find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))
            .map(|value| value.trim().to_owned())
    };
    let (Some(version), Some(patch), true) = (
        value("VERSION"),
        value("PATCHLEVEL"),
        tree.join("Kbuild").is_file(),
    ) else {
        anyhow::bail!(
            "{} is not a Linux source tree\nhint: --tree takes the folder with the kernel's top Makefile",
            tree.display()
        );
    };
    ensure!(
        format!("{version}.{patch}") == VERSION,
        "{} is Linux {version}.{patch}; these crates are for {VERSION}\n\
         hint: leave --tree away, and Linux {VERSION} is downloaded",
        tree.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree_with(makefile: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("Makefile"), makefile).unwrap();
        fs::write(dir.path().join("Kbuild"), "").unwrap();
        dir
    }

    #[test]
    fn tells_a_kernel_tree_from_other_folders() {
        check(tree_with("VERSION = 7\nPATCHLEVEL = 2\nSUBLEVEL = 1\n").path()).unwrap();

        let other = check(tree_with("VERSION = 6\nPATCHLEVEL = 12\n").path()).unwrap_err();
        assert!(other.to_string().contains("is Linux 6.12"), "{other}");

        let none = check(tree_with("all:\n").path()).unwrap_err();
        assert!(
            none.to_string().contains("not a Linux source tree"),
            "{none}"
        );
        assert!(check(Path::new("/no/such/folder")).is_err());
    }
}
