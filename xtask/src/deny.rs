// SPDX-License-Identifier: GPL-2.0

//! Third-party code: its licences, its sources, and that the kernel crates use what the tree vendors.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{ensure, Context, Result};
use cargo_metadata::{DependencyKind, Package};
use regex::Regex;

use crate::run::step;
use crate::table::table;
use crate::tools::CargoTool;
use crate::workspace::Workspace;

const CARGO_DENY: CargoTool = CargoTool {
    name: "cargo-deny",
    min: [0, 18, 0],
    wanted: "0.20.2",
};

/// Has cargo-deny check what needs no network; `deny.toml` says what is allowed.
///
/// Known vulnerabilities are left out: their list is a git repository on another machine, and a test
/// must not depend on what that holds today.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let program = CARGO_DENY.find(workspace)?;
    step(
        "cargo deny",
        Command::new(program)
            .current_dir(&workspace.root)
            .args(["--offline", "--locked", "--color", "never", "check"])
            .args(["--deny", "warnings", "licenses", "bans", "sources"]),
        &workspace.log("deny"),
    )?;
    let third_party = workspace
        .metadata
        .packages
        .iter()
        .filter(|package| package.source.is_some())
        .count();
    Ok(format!(
        "licences, bans and sources of {third_party} packages"
    ))
}

/// A third-party package that kernel crates depend on.
#[derive(Debug, PartialEq, Eq)]
struct Used {
    name: String,
    version: String,
    /// A crate that depends on it.
    by: String,
    /// Whether that crate goes to kernel trees.
    in_tree: bool,
}

/// Compares the third-party packages of the kernel crates with those that the tree at `source` vendors.
///
/// In a tree the crates are built with the tree's; so that what is tested under Cargo is the same,
/// `Cargo.lock` has the same versions. The manifests ask for no more than "at least", for other crates
/// of a user may need newer ones.
pub(crate) fn vendored(workspace: &Workspace, source: &Path) -> Result<String> {
    let mut rows = Vec::new();
    let mut wrong = Vec::new();
    for used in used(workspace) {
        let theirs = vendored_version(&source.join("rust").join(&used.name))?;
        let state = match &theirs {
            Some(version) if *version == used.version => "the same",
            Some(version) => {
                wrong.push(format!(
                    "{0} is {1} in Cargo.lock, and {version} in the tree\n  \
                     hint: cargo update -p {0}@{1} --precise {version}",
                    used.name, used.version
                ));
                "different"
            }
            None if used.in_tree => {
                wrong.push(format!(
                    "{} depends on {}, which the tree does not vendor",
                    used.by, used.name
                ));
                "not in the tree"
            }
            None => "no part in the tree",
        };
        rows.push(vec![
            used.name,
            used.version,
            theirs.unwrap_or_else(|| "-".to_owned()),
            state.to_owned(),
        ]);
    }
    print!("{}", table(&["package", "ours", "the tree's", ""], &rows));
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    let same = rows.iter().filter(|row| row[3] == "the same").count();
    Ok(format!("{same} packages, the versions that the tree has"))
}

/// The third-party packages that kernel crates are built with, each once.
fn used(workspace: &Workspace) -> Vec<Used> {
    let mut found: Vec<Used> = Vec::new();
    for package in workspace.kernel_packages() {
        let in_tree = package.metadata["mirror"]["dest"] != false;
        for dependency in &package.dependencies {
            let resolved = workspace.metadata.packages.iter().find(|resolved| {
                *resolved.name == dependency.name && dependency.req.matches(&resolved.version)
            });
            let Some(resolved) = resolved.filter(|resolved| resolved.source.is_some()) else {
                continue;
            };
            if dependency.kind == DependencyKind::Normal {
                add(&mut found, resolved, package, in_tree);
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn add(found: &mut Vec<Used>, resolved: &Package, by: &Package, in_tree: bool) {
    let version = resolved.version.to_string();
    match found
        .iter_mut()
        .find(|used| *resolved.name == used.name && used.version == version)
    {
        Some(used) => used.in_tree |= in_tree,
        None => found.push(Used {
            name: resolved.name.to_string(),
            version,
            by: by.name.to_string(),
            in_tree,
        }),
    }
}

/// The version that a vendored package's README tells, if the tree has the package.
fn vendored_version(folder: &Path) -> Result<Option<String>> {
    let readme = folder.join("README.md");
    let text = match fs::read_to_string(&readme) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| readme.display().to_string()),
    };
    let version = told_version(&text)?.with_context(|| {
        format!(
            "{} does not say which version it comes from",
            readme.display()
        )
    })?;
    Ok(Some(version))
}

fn told_version(readme: &str) -> Result<Option<String>> {
    let told = Regex::new(r"\bcrate,\s+version\s+v?(\d+\.\d+\.\d+)")?;
    Ok(told.captures(readme).map(|found| found[1].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_where_the_tree_tells_them() {
        let told = |text| told_version(text).unwrap();
        assert_eq!(
            told("from the Rust `zerocopy` crate, version v0.8.54\n(released"),
            Some("0.8.54".to_owned())
        );
        assert_eq!(
            told("from the Rust `proc-macro2` crate, version\n1.0.101 (released"),
            Some("1.0.101".to_owned())
        );
        assert_eq!(told("a version of 1.0.1"), None);
    }

    #[test]
    fn versions_that_differ_are_named_with_the_command_that_mends_it() {
        let workspace = Workspace::load().unwrap();
        let tree = tempfile::tempdir().unwrap();
        let vendor = |name: &str, version: &str| {
            let folder = tree.path().join("rust").join(name);
            fs::create_dir_all(&folder).unwrap();
            let text = format!("come from the Rust `{name}` crate, version {version} (released");
            fs::write(folder.join("README.md"), text).unwrap();
        };
        let ours = used(&workspace);
        for used in ours.iter().filter(|used| used.in_tree) {
            vendor(&used.name, &used.version);
        }
        vendored(&workspace, tree.path()).unwrap();

        let syn = ours.iter().find(|used| used.name == "syn").unwrap();
        vendor("syn", "2.0.1");
        let error = vendored(&workspace, tree.path()).unwrap_err().to_string();
        let hint = format!("cargo update -p syn@{} --precise 2.0.1", syn.version);
        assert!(error.contains(&hint), "{error}");

        fs::remove_dir_all(tree.path().join("rust/syn")).unwrap();
        let error = vendored(&workspace, tree.path()).unwrap_err().to_string();
        assert!(
            error.contains("syn, which the tree does not vendor"),
            "{error}"
        );

        fs::create_dir_all(tree.path().join("rust/syn")).unwrap();
        fs::write(tree.path().join("rust/syn/README.md"), "no version").unwrap();
        let error = vendored(&workspace, tree.path()).unwrap_err().to_string();
        assert!(error.contains("does not say which version"), "{error}");
    }
}
