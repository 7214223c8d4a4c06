// SPDX-License-Identifier: GPL-2.0

//! The public interface of each crate, stored as text beside the crate and compared with the sources.
//!
//! `api/current.txt` is what the sources say; `cargo xtask api --accept` writes it. `api/X.Y.Z.txt` is
//! what version X.Y.Z was released with; `cargo xtask release` writes it, and `cargo xtask semver`
//! compares the two.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context, Result};
use cargo_metadata::semver::Version;
use cargo_metadata::Package;
use similar::{ChangeTag, TextDiff};

use crate::run::step;
use crate::workspace::{folder, Workspace};

mod render;

pub(crate) use render::{notes, render, Note};

/// What rustdoc needs to be told to describe a crate as JSON. Items that are hidden from the
/// documentation are in, for the crates of the workspace use each other's.
pub(crate) const RUSTDOC_FLAGS: &str =
    "-Zunstable-options --output-format json --document-hidden-items --cap-lints allow";

/// The crates that bindgen makes. Their interfaces are stored, too: a binding that is gone breaks the
/// abstractions that were released with it.
const RAW: &[&str] = &["kernel-bindings", "kernel-uapi"];

/// The file with the interface that a package's sources have.
pub(crate) fn current(package: &Package) -> PathBuf {
    folder(package).join("api/current.txt")
}

/// The file with the interface that `version` of a package was released with.
pub(crate) fn at_release(package: &Package, version: &Version) -> PathBuf {
    folder(package).join(format!("api/{version}.txt"))
}

/// The last released version of a package, if it was ever released.
///
/// The file's name says it and not a tag, for shallow clones have no tags.
///
/// # Errors
///
/// Names the files when there are several.
pub(crate) fn released(package: &Package) -> Result<Option<Version>> {
    let dir = folder(package).join("api");
    let mut versions: Vec<Version> = match fs::read_dir(&dir) {
        Ok(entries) => entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                Version::parse(name.strip_suffix(".txt")?).ok()
            })
            .collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error).with_context(|| dir.display().to_string()),
    };
    versions.sort();
    match versions.as_slice() {
        [] => Ok(None),
        [version] => Ok(Some(version.clone())),
        [.., last] => bail!(
            "{} holds the interfaces of several releases: remove all but {last}.txt",
            dir.display()
        ),
    }
}

/// Compares the stored interfaces with the sources, or with `accept` stores what the sources say.
///
/// # Errors
///
/// Shows each line that differs, and names the command that accepts it.
pub(crate) fn check(workspace: &Workspace, only: &[String], accept: bool) -> Result<String> {
    let mut packages = workspace.kernel_packages();
    for name in only {
        anyhow::ensure!(
            packages.iter().any(|package| *package.name == *name),
            "{name} is no crate of the workspace with a stored interface"
        );
    }
    packages.retain(|package| only.is_empty() || only.iter().any(|name| *package.name == *name));

    let documents = document(workspace, &packages)?;
    let (mut lines, mut written) = (0, 0);
    let mut differences = String::new();
    for package in &packages {
        let json = documents.join(format!("{}.json", library(package)));
        let items = render(&json, RAW.contains(&package.name.as_str()))
            .with_context(|| format!("the interface of {}", package.name))?;
        let text = features(&package.features) + &items;
        lines += text.lines().count();
        let path = current(package);
        let stored = match fs::read_to_string(&path) {
            Ok(stored) => stored,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        if stored == text {
            continue;
        }
        if accept {
            let dir = folder(package).join("api");
            fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
            fs::write(&path, &text).with_context(|| path.display().to_string())?;
            written += 1;
        } else {
            differences += &format!("\n{}:\n{}", package.name, difference(&stored, &text));
        }
    }
    anyhow::ensure!(
        differences.is_empty(),
        "the public interface is not the stored one{}\n{differences}\
         hint: if that is meant, `cargo xtask api --accept`, and read what it wrote",
        match only {
            [] => "",
            _ => " (of the named crates)",
        }
    );
    Ok(match accept {
        true => format!("{written} of {} interfaces written", packages.len()),
        false => format!("{} crates, {lines} lines, as stored", packages.len()),
    })
}

/// A line for each feature, with the features that it switches on below it.
fn features(features: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = String::new();
    for (name, enabled) in features {
        text += &format!("feature {name}\n");
        for name in enabled.iter().filter(|name| !name.starts_with("dep:")) {
            text += &format!("    {name}\n");
        }
    }
    text
}

/// The lines that only one side has, each with the item that it is a member of.
fn difference(stored: &str, text: &str) -> String {
    let diff = TextDiff::from_lines(stored, text);
    let mut shown = String::new();
    let mut head = (String::new(), true);
    for change in diff.iter_all_changes() {
        let line = change.value().trim_end();
        let sign = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        if !line.starts_with(' ') {
            head = (line.to_owned(), sign != ' ');
        } else if sign != ' ' && !std::mem::replace(&mut head.1, true) {
            shown += &format!("    {}\n", head.0);
        }
        if sign != ' ' {
            shown += &format!("  {sign} {line}\n");
        }
    }
    shown
}

/// The name that Rust code calls a package's library by.
pub(crate) fn library(package: &Package) -> String {
    package
        .targets
        .iter()
        .find(|target| target.is_lib() || target.is_proc_macro())
        .map_or(package.name.as_str(), |target| target.name.as_str())
        .replace('-', "_")
}

/// Has rustdoc describe the packages, and returns the folder with a JSON file for each.
///
/// It has a target folder of its own, so that the documentation and the builds in the other one stay
/// as they are.
fn document(workspace: &Workspace, packages: &[&Package]) -> Result<PathBuf> {
    let target = workspace.root.join("target/api");
    // Named one by one, for third-party build scripts must not take the compiler for a nightly.
    let unstable: Vec<String> = workspace
        .kernel_packages()
        .into_iter()
        .map(library)
        .collect();
    let mut command = Command::new("cargo");
    command
        .current_dir(&workspace.root)
        .args(["doc", "--no-deps", "--lib", "--target-dir"])
        .arg(&target)
        .env("RUSTC_BOOTSTRAP", unstable.join(","))
        .env("RUSTDOCFLAGS", RUSTDOC_FLAGS)
        // The stored interface is that of the configuration which the snapshot was made under.
        .env_remove("KERNEL_OBJTREE");
    for package in packages {
        command.args(["--package", &package.name]);
    }
    step(
        "rustdoc of each crate",
        &mut command,
        &workspace.log("api-rustdoc"),
    )?;
    Ok(target.join("doc"))
}

/// Reads a stored interface.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| {
        format!(
            "{}\nhint: `cargo xtask api --accept` stores the interfaces",
            path.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_the_item_that_a_member_is_of() {
        let stored = "pub trait a::T\n    pub fn a::T::f()\n    pub fn a::T::g()\npub mod a::m\n";
        let text = "pub trait a::T\n    pub fn a::T::f(u8)\n    pub fn a::T::g()\n";
        assert_eq!(
            difference(stored, text),
            "    pub trait a::T\n  -     pub fn a::T::f()\n  +     pub fn a::T::f(u8)\n  - pub mod a::m\n"
        );
        assert_eq!(difference(text, text), "");
    }
}
