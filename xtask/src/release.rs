// SPDX-License-Identifier: GPL-2.0

//! Releases: each crate has a version of its own, and those that changed get their next one together.
//!
//! cargo-workspaces publishes them (`cargo workspaces publish --publish-as-is`: in dependency order, only
//! what is not published yet), and the tags are its tags. Its `version` command is of no use here: for
//! crates with versions of their own it leaves the table in the workspace's manifest as it is, so that
//! Cargo can't read the workspace any more; without that it gives all crates that depend on a changed
//! one the same number. So the versions are written here.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{bail, ensure, Context, Result};
use cargo_metadata::semver::Version;
use cargo_metadata::{DependencyKind, Package};
use toml_edit::DocumentMut;

use crate::run::output;
use crate::semver::compatible;
use crate::table::table;
use crate::workspace::{folder, Workspace};
use crate::{api, semver};

mod changelog;
#[cfg(test)]
mod tests;

/// A crate, as far as a release has to know it.
struct Candidate {
    name: String,
    /// The version of the last release, if there was one.
    released: Option<Version>,
    manifest: Version,
    /// Whether anything in its folder changed since.
    changed: bool,
    /// The crates of the workspace that it is built with.
    requires: Vec<String>,
}

/// A crate that gets a version.
#[derive(Debug, PartialEq, Eq)]
struct Planned {
    name: String,
    from: Option<Version>,
    to: Version,
    why: &'static str,
    /// Whether there is more to tell than that its dependencies have new versions.
    changed: bool,
    /// Its dependencies in this release, with their versions.
    needs: Vec<String>,
}

/// Which crates get which version; a candidate comes after those it requires.
fn plan(candidates: &[Candidate]) -> Vec<Planned> {
    let mut planned: Vec<Planned> = Vec::new();
    for candidate in candidates {
        let dependencies = || {
            planned
                .iter()
                .filter(|planned| candidate.requires.contains(&planned.name))
        };
        let left_behind = dependencies().any(|planned| {
            planned
                .from
                .as_ref()
                .is_some_and(|from| !compatible(from, &planned.to))
        });
        let (to, why) = match &candidate.released {
            None => (candidate.manifest.clone(), "first release"),
            Some(released) if candidate.manifest > *released => {
                (candidate.manifest.clone(), "its version was raised")
            }
            Some(released) if candidate.changed || left_behind => {
                let next = Version::new(released.major, released.minor, released.patch + 1);
                let why = if candidate.changed {
                    "changed, the interface apart"
                } else {
                    "needs what is incompatible"
                };
                (next, why)
            }
            Some(_) => continue,
        };
        let needs = dependencies()
            .map(|planned| format!("{} {}", planned.name, planned.to))
            .collect();
        planned.push(Planned {
            name: candidate.name.clone(),
            from: candidate.released.clone(),
            to,
            why,
            changed: candidate.changed,
            needs,
        });
    }
    planned
}

/// Releases every crate that changed, as a commit with a tag for each; nothing is pushed or published.
pub(crate) fn release(workspace: &Workspace, dry_run: bool) -> Result<String> {
    let root = &workspace.root;
    let edited = git(root, &["status", "--porcelain"])?;
    ensure!(
        edited.is_empty() || dry_run,
        "there are uncommitted changes:\n{edited}\n\
         hint: commit them; `git stash --include-untracked` puts away what a stopped release left"
    );
    println!("{}", api::check(workspace, &[], false)?);
    println!("{}", semver::check(workspace)?);

    let packages = packages(workspace);
    let candidates = packages
        .iter()
        .map(|package| candidate(workspace, &packages, package))
        .collect::<Result<Vec<_>>>()?;
    let planned = plan(&candidates);
    if planned.is_empty() {
        return Ok("nothing changed since the last releases".to_owned());
    }
    let rows: Vec<Vec<String>> = planned
        .iter()
        .map(|planned| {
            vec![
                planned.name.clone(),
                match &planned.from {
                    Some(from) => from.to_string(),
                    None => "-".to_owned(),
                },
                planned.to.to_string(),
                planned.why.to_owned(),
            ]
        })
        .collect();
    print!("\n{}\n", table(&["crate", "from", "to", "why"], &rows));

    // All that can be wrong is found before anything is written.
    let mut logs = Vec::new();
    let mut silent = Vec::new();
    for planned in &planned {
        let package = named(&packages, &planned.name)?;
        let path = folder(package).join("CHANGELOG.md");
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let automatic = (!planned.changed && !planned.needs.is_empty())
            .then(|| format!("Needs {}.", planned.needs.join(", ")));
        match changelog::close(&text, &planned.to, automatic.as_deref()) {
            Some(text) => logs.push((path, text)),
            None => silent.push(format!("  {}", path.display())),
        }
    }
    ensure!(
        silent.is_empty(),
        "what changed is not told in\n{}\nhint: say it in a list under `## Unreleased`",
        silent.join("\n")
    );
    if dry_run {
        return Ok("nothing was written (--dry-run)".to_owned());
    }

    let versions: Vec<(&Package, &Version)> = planned
        .iter()
        .map(|planned| Ok((named(&packages, &planned.name)?, &planned.to)))
        .collect::<Result<_>>()?;
    set_versions(root, &versions)?;
    for (path, text) in &logs {
        fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    for (package, version) in &versions {
        store_interface(package, version)?;
    }
    commit(root, &planned)
}

/// Writes versions to the crates' manifests and to the table of the workspace's, and brings the lock
/// file up to date.
pub(crate) fn set_versions(root: &Path, versions: &[(&Package, &Version)]) -> Result<()> {
    for (package, version) in versions {
        edit(package.manifest_path.as_std_path(), |manifest| {
            manifest["package"]["version"] = toml_edit::value(version.to_string());
        })?;
    }
    edit(&root.join("Cargo.toml"), |manifest| {
        for (package, version) in versions {
            set_requirement(manifest, &package.name, version);
        }
    })?;
    output(
        Command::new("cargo")
            .current_dir(root)
            .args(["update", "--workspace", "--offline"]),
    )?;
    Ok(())
}

/// Sets the version that the workspace's table asks for, where it asks for one.
fn set_requirement(manifest: &mut DocumentMut, name: &str, version: &Version) {
    let requirement = ["workspace", "dependencies", name, "version"]
        .into_iter()
        .try_fold(manifest.as_item_mut(), |item, key| {
            item.as_table_like_mut()?.get_mut(key)
        })
        .and_then(toml_edit::Item::as_value_mut);
    if let Some(requirement) = requirement {
        let decor = requirement.decor().clone();
        *requirement = version.to_string().into();
        *requirement.decor_mut() = decor;
    }
}

fn edit(path: &Path, change: impl FnOnce(&mut DocumentMut)) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut manifest: DocumentMut = text.parse().with_context(|| path.display().to_string())?;
    change(&mut manifest);
    fs::write(path, manifest.to_string()).with_context(|| path.display().to_string())
}

/// Keeps the interface that is released, instead of that of the release before.
fn store_interface(package: &Package, version: &Version) -> Result<()> {
    let current = api::current(package);
    if !current.exists() {
        return Ok(());
    }
    let before = api::released(package)?;
    let path = api::at_release(package, version);
    fs::copy(&current, &path).with_context(|| path.display().to_string())?;
    if let Some(before) = before.filter(|before| before != version) {
        let path = api::at_release(package, &before);
        fs::remove_file(&path).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn commit(root: &Path, planned: &[Planned]) -> Result<String> {
    let tags: Vec<String> = planned
        .iter()
        .map(|planned| format!("{}@{}", planned.name, planned.to))
        .collect();
    let message = format!(
        "release: {}",
        tags.iter()
            .map(|tag| tag.replace('@', " "))
            .collect::<Vec<_>>()
            .join(", ")
    );
    git(root, &["add", "--all"])?;
    git(root, &["commit", "--quiet", "--message", &message])?;
    for tag in &tags {
        git(root, &["tag", "--annotate", "--message", tag, tag])?;
    }
    Ok(format!(
        "{} crates released, in one commit with the tags {}\n\
         to publish: git push --follow-tags, and cargo workspaces publish --publish-as-is",
        tags.len(),
        tags.join(", ")
    ))
}

/// The packages that are released, each after those it requires.
fn packages(workspace: &Workspace) -> Vec<&Package> {
    let mut packages = workspace.kernel_packages();
    for package in workspace.metadata.workspace_packages() {
        let private = package.publish.as_ref().is_some_and(Vec::is_empty);
        if !private && !packages.iter().any(|found| found.id == package.id) {
            packages.push(package);
        }
    }
    packages
}

fn named<'a>(packages: &[&'a Package], name: &str) -> Result<&'a Package> {
    packages
        .iter()
        .find(|package| *package.name == name)
        .copied()
        .with_context(|| format!("{name} is no package of the workspace"))
}

fn candidate(workspace: &Workspace, packages: &[&Package], package: &Package) -> Result<Candidate> {
    let path = folder(package).join("CHANGELOG.md");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let released = if api::current(package).exists() {
        api::released(package)?
    } else {
        changelog::released(&text)
    };
    let changed = match &released {
        Some(version) => changed(workspace, packages, package, version)?,
        None => true,
    };
    Ok(Candidate {
        name: package.name.to_string(),
        released,
        manifest: package.version.clone(),
        changed,
        requires: package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind != DependencyKind::Development)
            .map(|dependency| dependency.name.clone())
            .collect(),
    })
}

/// Whether anything but the version changed in a package's folder since a release.
fn changed(
    workspace: &Workspace,
    packages: &[&Package],
    package: &Package,
    version: &Version,
) -> Result<bool> {
    let root = &workspace.root;
    let relative = |path: &Path| -> Result<String> {
        let path = path.strip_prefix(root).context("a package elsewhere")?;
        Ok(path.display().to_string())
    };
    let dir = relative(folder(package))?;
    let tag = format!("{}@{version}", package.name);
    let of_tag = git(root, &["tag", "--list", &tag])?;
    let base = if of_tag.is_empty() {
        // A release adds this file, and so does what stands for one.
        let stored = relative(&api::at_release(package, version))?;
        let arguments = ["log", "-1", "--format=%H", "--diff-filter=A", "--", &stored];
        git(root, &arguments)?
    } else {
        of_tag
    };
    if base.is_empty() {
        if git(root, &["rev-parse", "--is-shallow-repository"])? == "true" {
            bail!(
                "the history is cut short before {tag}\n\
                 hint: git fetch --unshallow --tags"
            );
        }
        return Ok(true);
    }

    let mut paths = vec![dir.clone()];
    for part in ["api", "tests", "CHANGELOG.md", "Cargo.toml"] {
        paths.push(format!(":(exclude){dir}/{part}"));
    }
    for other in packages {
        let other = relative(folder(other))?;
        if other != dir && Path::new(&other).starts_with(&dir) {
            paths.push(format!(":(exclude){other}"));
        }
    }
    let mut arguments = vec!["diff", "--name-only", &base, "HEAD", "--"];
    arguments.extend(paths.iter().map(String::as_str));
    if !git(root, &arguments)?.is_empty() {
        return Ok(true);
    }
    let manifest = format!("{dir}/Cargo.toml");
    let diff = git(
        root,
        &["diff", "--unified=0", &base, "HEAD", "--", &manifest],
    )?;
    Ok(diff
        .lines()
        .filter(|line| {
            line.starts_with(['+', '-']) && !line.starts_with("+++ ") && !line.starts_with("--- ")
        })
        .any(|line| !line[1..].starts_with("version = ")))
}

fn git(root: &Path, arguments: &[&str]) -> Result<String> {
    let text = output(Command::new("git").current_dir(root).args(arguments))?;
    Ok(text.trim_end().to_owned())
}
