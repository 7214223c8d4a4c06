// SPDX-License-Identifier: GPL-2.0

//! Debian packages: the kernel's source and the tools a kernel build needs.
//!
//! Sources come through a package list of our own under `target/`, made from the machine's own
//! entry with other suites in it, so that nothing of the machine's configuration changes. Tools are
//! installed into the machine, from the suite it already has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context, Result};

use crate::run::{output, step};
use crate::workspace::Workspace;

/// The suites that hold Linux 7.2's source and current Rust sources.
const SUITES: &str = "trixie trixie-backports";

/// A package list that only this program uses.
pub(crate) struct Apt {
    dir: PathBuf,
}

impl Apt {
    /// Sets the list up and brings it up to date.
    pub(crate) fn new(workspace: &Workspace) -> Result<Self> {
        let dir = workspace.kernel_dir().join("apt");
        for part in ["lists/partial", "cache/archives/partial", "sources"] {
            let part = dir.join(part);
            fs::create_dir_all(&part).with_context(|| part.display().to_string())?;
        }
        let apt = Self { dir };
        fs::write(apt.dir.join("sources/debian.sources"), entry()?)?;
        step(
            "reading Debian's package lists",
            apt.get().arg("update"),
            &workspace.log("apt-update"),
        )?;
        Ok(apt)
    }

    fn configured(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (option, value) in [
            ("Dir::Etc::SourceList", PathBuf::from("/dev/null")),
            ("Dir::Etc::SourceParts", self.dir.join("sources")),
            ("Dir::State::Lists", self.dir.join("lists")),
            ("Dir::Cache", self.dir.join("cache")),
        ] {
            command
                .arg("-o")
                .arg(format!("{option}={}", value.display()));
        }
        command.args([
            "-o",
            "APT::Sandbox::User=root",
            "-o",
            "Acquire::Languages=none",
        ]);
        command
    }

    fn get(&self) -> Command {
        self.configured("apt-get")
    }

    /// The newest version of `package` that begins with `prefix`.
    pub(crate) fn version(&self, package: &str, prefix: &str) -> Result<Option<String>> {
        let listing = output(self.configured("apt-cache").args(["madison", package]))?;
        Ok(listing
            .lines()
            .filter_map(|line| line.split('|').nth(1))
            .map(str::trim)
            .find(|version| version.starts_with(prefix))
            .map(str::to_owned))
    }

    /// Downloads a package and unpacks it below `into`.
    pub(crate) fn unpack(
        &self,
        workspace: &Workspace,
        package: &str,
        version: &str,
        into: &Path,
    ) -> Result<()> {
        fs::create_dir_all(into).with_context(|| into.display().to_string())?;
        let download = self.dir.join("download");
        fs::create_dir_all(&download)?;
        step(
            &format!("downloading {package} {version}"),
            self.get()
                .current_dir(&download)
                .args(["download", &format!("{package}={version}")]),
            &workspace.log(&format!("download-{package}")),
        )?;
        let archive = fs::read_dir(&download)?
            .flatten()
            .map(|entry| entry.path())
            .find(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with(&format!("{package}_")))
            })
            .with_context(|| format!("{package} was not in {}", download.display()))?;
        step(
            &format!("unpacking {package}"),
            Command::new("dpkg-deb").arg("-x").arg(&archive).arg(into),
            &workspace.log(&format!("unpack-{package}")),
        )?;
        fs::remove_file(&archive)?;
        Ok(())
    }
}

/// The machine's own Debian entry, for the suites that we need.
fn entry() -> Result<String> {
    let path = Path::new("/etc/apt/sources.list.d/debian.sources");
    if let Ok(text) = fs::read_to_string(path) {
        return with_suites(&text)
            .with_context(|| format!("no usable entry in {}", path.display()));
    }
    let path = Path::new("/etc/apt/sources.list");
    let text = fs::read_to_string(path).unwrap_or_default();
    let Some(host) = text
        .lines()
        .filter_map(|line| line.strip_prefix("deb "))
        .flat_map(str::split_whitespace)
        .find(|word| word.contains("://") && word.trim_end_matches('/').ends_with("/debian"))
    else {
        bail!(
            "this machine has no Debian package source to take the kernel from\n\
             hint: unpack a Linux 7.2 source yourself and pass it with --tree DIR"
        );
    };
    Ok(format!(
        "Types: deb\nURIs: {host}\nSuites: {SUITES}\nComponents: main\n\
         Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    ))
}

/// The first paragraph of a deb822 source file, with its suites replaced.
fn with_suites(text: &str) -> Option<String> {
    let mut entry = String::new();
    for line in text.lines().take_while(|line| !line.trim().is_empty()) {
        if line.starts_with("Suites:") {
            entry += &format!("Suites: {SUITES}\n");
        } else {
            entry += line;
            entry += "\n";
        }
    }
    entry.contains(SUITES).then_some(entry)
}

/// Installs packages into the machine.
///
/// # Errors
///
/// When this is not a Debian machine or not run by root: the error then is the command to run.
pub(crate) fn install(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    let root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let apt = output(Command::new("apt-get").arg("--version")).is_ok();
    if !(apt && root) {
        bail!(advice(packages, apt));
    }
    let mut update = Command::new("apt-get");
    update.arg("update");
    step(
        "apt-get update",
        &mut update,
        &workspace.log("machine-update"),
    )?;
    step(
        &format!("installing {}", packages.join(" ")),
        Command::new("apt-get")
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
        &workspace.log("machine-install"),
    )
    .with_context(|| advice(packages, apt))?;
    Ok(())
}

/// What is missing, and the command that installs it.
fn advice(packages: &[&str], apt: bool) -> String {
    let names = packages.join(" ");
    if apt {
        format!("missing: {names}\nhint: sudo apt-get install --no-install-recommends {names}")
    } else {
        format!(
            "missing: {names}\n\
             hint: these are Debian's names; install what your distribution calls them"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_comes_with_the_command_that_installs_it() {
        assert_eq!(
            advice(&["clang-19", "flex"], true),
            "missing: clang-19 flex\n\
             hint: sudo apt-get install --no-install-recommends clang-19 flex"
        );
        assert!(advice(&["flex"], false).contains("your distribution"));
    }

    #[test]
    fn only_the_suites_of_an_entry_change() {
        let text =
            "Types: deb\n# note\nURIs: x://mirror/debian\nSuites: bookworm bookworm-updates\n\
                    Components: main\n\nTypes: deb\nSuites: bookworm-security\n";
        assert_eq!(
            with_suites(text).unwrap(),
            "Types: deb\n# note\nURIs: x://mirror/debian\nSuites: trixie trixie-backports\nComponents: main\n"
        );
        assert!(with_suites("Types: deb\n").is_none());
    }
}
