// SPDX-License-Identifier: GPL-2.0

//! The programs that the guest's scripts run: built for its user space, where there are no libraries.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::step;
use crate::workspace::{folder, Workspace};

/// The package that holds them.
const PACKAGE: &str = "guest-programs";

/// Builds the programs, and returns their files.
pub(crate) fn build(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    const TARGET: &str = "x86_64-unknown-linux-gnu";
    let package = workspace
        .metadata
        .workspace_packages()
        .into_iter()
        .find(|package| package.name == PACKAGE)
        .with_context(|| format!("the workspace has no package {PACKAGE}"))?;
    let out = workspace.kernel_dir().join("programs");
    fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    step(
        "building the guest's programs",
        Command::new("cargo")
            .current_dir(folder(package))
            .args(["build", "--release", "--bins", "--target", TARGET])
            .env("CARGO_TARGET_DIR", &out)
            .env("RUSTFLAGS", "-Ctarget-feature=+crt-static"),
        &workspace.log("programs"),
    )?;
    let built = out.join(TARGET).join("release");
    Ok(package
        .targets
        .iter()
        .filter(|target| target.is_bin())
        .map(|target| built.join(&target.name))
        .collect())
}
