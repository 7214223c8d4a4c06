// SPDX-License-Identifier: GPL-2.0

//! Building drivers that live outside the kernel tree, as any out-of-tree module is built.

use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use cargo_metadata::Package;

use crate::guest::Exercise;
use crate::kernel::Kernel;
use crate::run::step;
use crate::workspace::folder;

/// Builds the module in `source` against `kernel`, and returns the loadable file.
pub(crate) fn build(kernel: &Kernel<'_>, name: &str, source: &Path) -> Result<PathBuf> {
    let out = kernel.out().join("modules").join(name);
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    step(
        &format!("building {name} ({})", kernel.name),
        kernel
            .make()
            .arg(format!("M={}", source.display()))
            .arg(format!("MO={}", out.display()))
            .arg("modules"),
        &kernel.workspace.log(&format!("{}-{name}", kernel.name)),
    )?;
    let module = out.join(format!("{name}.ko"));
    ensure!(
        module.is_file(),
        "{} was not built: does {} name it in obj-m?",
        module.display(),
        source.join("Kbuild").display()
    );
    Ok(module)
}

/// Builds drivers of the workspace and pairs each with its script.
pub(crate) fn build_drivers(kernel: &Kernel<'_>, drivers: &[&Package]) -> Result<Vec<Exercise>> {
    let mut exercises = Vec::new();
    for package in drivers {
        let dir = folder(package);
        let name = package.name.replace('-', "_");
        let script = dir.join("exercise.sh");
        ensure!(
            script.is_file(),
            "{} is missing: each driver has a script that loads and exercises it",
            script.display()
        );
        exercises.push(Exercise {
            modules: vec![build(kernel, &name, dir)?],
            name,
            script,
        });
    }
    Ok(exercises)
}
