// SPDX-License-Identifier: GPL-2.0

//! Building drivers that live outside the kernel tree, as any out-of-tree module is built.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use cargo_metadata::Package;

use crate::guest::Exercise;
use crate::kernel::Kernel;
use crate::run::step;
use crate::workspace::folder;

/// Builds the module in `source` against `kernel`, and returns the loadable file.
pub(crate) fn build(kernel: &Kernel<'_>, name: &str, source: &Path) -> Result<PathBuf> {
    let module = try_build(kernel, name, source)?;
    module.with_context(|| {
        format!(
            "{name}.ko was not built: does {} name it in obj-m?",
            source.join("Kbuild").display()
        )
    })
}

/// Builds the module in `source`, unless its Kbuild file has none for the kernel's configuration.
fn try_build(kernel: &Kernel<'_>, name: &str, source: &Path) -> Result<Option<PathBuf>> {
    let out = folder_of(kernel, name);
    fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let module = out.join(format!("{name}.ko"));
    // One of an earlier configuration, which may have been for it, is not this one's.
    let _ = fs::remove_file(&module);
    step(
        &format!("building {name} ({})", kernel.name),
        kernel
            .make()
            .arg(format!("M={}", source.display()))
            .arg(format!("MO={}", out.display()))
            .arg("modules"),
        &kernel.workspace.log(&format!("{}-{name}", kernel.name)),
    )?;
    Ok(module.is_file().then_some(module))
}

/// Builds what scripts need as the other side of a driver: the modules in C below `xtask/modules`.
pub(crate) fn build_test_modules(kernel: &Kernel<'_>) -> Result<Vec<PathBuf>> {
    let folder = kernel.workspace.root.join("xtask/modules");
    let mut sources = fs::read_dir(&folder)
        .and_then(|entries| {
            entries
                .map(|entry| Ok(entry?.path()))
                .collect::<std::io::Result<Vec<_>>>()
        })
        .with_context(|| folder.display().to_string())?;
    sources.sort();
    let mut modules = Vec::new();
    for source in sources {
        let name = source
            .file_name()
            .and_then(|name| name.to_str())
            .with_context(|| format!("{} has no usable name", source.display()))?;
        // Without one where the kernel's configuration has no use for it.
        modules.extend(try_build(kernel, name, &source)?);
    }
    Ok(modules)
}

/// Whether the Kbuild file in `source` asks for something of the configuration.
fn has_condition(source: &Path) -> Result<bool> {
    let file = source.join("Kbuild");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    Ok(text.contains("$(CONFIG_"))
}

/// Where a module is built.
fn folder_of(kernel: &Kernel<'_>, name: &str) -> PathBuf {
    kernel.out().join("modules").join(name)
}

/// Writes a script that says why a module is not exercised.
fn no_exercise(kernel: &Kernel<'_>, name: &str) -> Result<PathBuf> {
    let script = folder_of(kernel, name).join("skip.sh");
    fs::write(
        &script,
        "echo '@skip its Kbuild file has no module for the configuration of this kernel'\n",
    )
    .with_context(|| script.display().to_string())?;
    Ok(script)
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
        let (modules, script) = if has_condition(dir)? {
            match try_build(kernel, &name, dir)? {
                Some(module) => (vec![module], script),
                None => (Vec::new(), no_exercise(kernel, &name)?),
            }
        } else {
            (vec![build(kernel, &name, dir)?], script)
        };
        exercises.push(Exercise {
            name,
            modules,
            script,
        });
    }
    Ok(exercises)
}
