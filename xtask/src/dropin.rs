// SPDX-License-Identifier: GPL-2.0

//! The kernel tree's own Rust modules, unmodified: which of them type-check, build, load and work.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::guest::{Exercise, Exercised};
use crate::kernel::Kernel;
use crate::run::{output, run, show};
use crate::table::table;
use crate::workspace::Workspace;

/// The modules and how each is tried: `xtask/dropin.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    module: Vec<Module>,
}

/// One of the tree's modules.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Module {
    /// Its name, as `modprobe` knows it.
    pub(crate) name: String,
    /// The root file of its Rust code, in the tree.
    root: String,
    /// The object that Kbuild makes of it.
    object: String,
    /// Whether the boot configuration has it as a loadable module; if not, only its object is built.
    #[serde(default)]
    pub(crate) boots: bool,
    /// Other modules of the tree that its script loads.
    #[serde(default)]
    with: Vec<String>,
}

/// What came of one module.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Outcome {
    pub(crate) module: String,
    pub(crate) type_checks: bool,
    pub(crate) builds: bool,
    pub(crate) loads: bool,
    pub(crate) exercised: bool,
    /// The first thing that went wrong.
    pub(crate) note: String,
}

impl Outcome {
    pub(crate) fn passed(&self) -> bool {
        self.type_checks && self.builds && self.loads && self.exercised
    }
}

/// The tree's modules that we know of.
pub(crate) fn catalogue(workspace: &Workspace) -> Result<Vec<Module>> {
    let path = workspace.root.join("xtask/dropin.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let catalogue: Catalogue = toml::from_str(&text).with_context(|| path.display().to_string())?;
    Ok(catalogue.module)
}

/// The exercises of the modules that `kernel` was built with.
pub(crate) fn exercises(kernel: &Kernel<'_>, modules: &[Module]) -> Vec<Exercise> {
    // What an earlier configuration had is still there as a file.
    let order = fs::read_to_string(kernel.out().join("modules.order")).unwrap_or_default();
    let built = |file: &Path| {
        let object = file.with_extension("o");
        file.is_file() && order.lines().any(|line| kernel.out().join(line) == object)
    };
    modules
        .iter()
        .filter(|module| module.boots)
        .filter_map(|module| {
            let file = kernel.out().join(module.object.replace(".o", ".ko"));
            // What can't be a module is part of the kernel, and its script finds it there.
            let built_in = !file.is_file() && kernel.out().join(&module.object).is_file();
            let file = Some(file).filter(|file| built(file));
            let script = kernel
                .workspace
                .root
                .join(format!("xtask/dropin/{}.sh", module.name));
            let with: Vec<_> = module
                .with
                .iter()
                .map(|path| kernel.out().join(path))
                .collect();
            let has_all = (file.is_some() || built_in) && with.iter().all(|path| built(path));
            (has_all && script.is_file()).then(|| Exercise {
                name: module.name.clone(),
                modules: file.into_iter().chain(with).collect(),
                script,
            })
        })
        .collect()
}

/// The tree's own modules, type-checked and built.
pub(crate) struct Built {
    pub(crate) modules: Vec<Module>,
    checked: BTreeMap<String, Result<(), String>>,
    built: BTreeMap<String, Result<(), String>>,
}

impl Built {
    pub(crate) fn new(kernel: &Kernel<'_>) -> Result<Self> {
        let modules = catalogue(kernel.workspace)?;
        let checked = type_check(kernel.workspace, &kernel.source, &modules)?;
        let built = build(kernel, &modules)?;
        Ok(Self {
            modules,
            checked,
            built,
        })
    }

    /// How many of them there are, and how many passed so far.
    pub(crate) fn summary(&self) -> String {
        let count =
            |results: &BTreeMap<_, Result<_, _>>| results.values().filter(|it| it.is_ok()).count();
        format!(
            "of {} modules, {} type-check and {} build",
            self.modules.len(),
            count(&self.checked),
            count(&self.built)
        )
    }

    /// Puts the columns together, with what came of the modules' scripts.
    pub(crate) fn outcomes(&self, exercised: &[Exercised]) -> Vec<Outcome> {
        self.modules
            .iter()
            .map(|module| {
                let checked = self.checked.get(&module.name);
                let built = self.built.get(&module.name);
                let ran = exercised.iter().find(|report| report.name == module.name);
                let mut outcome = Outcome {
                    module: module.name.clone(),
                    type_checks: checked.is_some_and(Result::is_ok),
                    builds: built.is_some_and(Result::is_ok),
                    loads: ran.is_some_and(|report| report.loaded),
                    exercised: ran.is_some_and(|report| report.passed),
                    note: String::new(),
                };
                outcome.note = match (checked, built, ran) {
                    (Some(Err(error)), _, _) | (_, Some(Err(error)), _) => error.clone(),
                    (_, _, Some(report)) if !report.passed => report
                        .checks
                        .iter()
                        .find(|(_, ok)| !ok)
                        .map_or("its script did not end".to_owned(), |(what, _)| {
                            format!("not so: {what}")
                        }),
                    (_, _, Some(report)) => report.summary.clone(),
                    (_, _, None) => "not in the booted kernel".to_owned(),
                };
                outcome
            })
            .collect()
    }
}

/// Type-checks each module against the facade, with the flags that Kbuild gives drivers.
fn type_check(
    workspace: &Workspace,
    tree: &Path,
    modules: &[Module],
) -> Result<BTreeMap<String, Result<(), String>>> {
    let facade = Facade::build(workspace)?;
    let scratch = workspace.kernel_dir().join("dropin-check");
    fs::create_dir_all(&scratch).with_context(|| scratch.display().to_string())?;
    let mut results = BTreeMap::new();
    for module in modules {
        let mut command = facade.rustc(&tree.join(&module.root), &module.name, &scratch);
        let out = command
            .output()
            .with_context(|| format!("can't start `{}`", show(&command)))?;
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        fs::write(
            workspace.log(&format!("dropin-check-{}", module.name)),
            &text,
        )?;
        let result = if out.status.success() {
            Ok(())
        } else {
            Err(first_error(&text))
        };
        results.insert(module.name.clone(), result);
    }
    Ok(results)
}

/// The facade as Cargo built it, for rustc to link a driver's check against.
pub(crate) struct Facade {
    externs: Vec<(String, PathBuf)>,
    deps: PathBuf,
    objtree: PathBuf,
    cfgs: Vec<String>,
}

impl Facade {
    /// Builds the facade with all its features.
    pub(crate) fn build(workspace: &Workspace) -> Result<Self> {
        const EXTERNS: &[&str] = &[
            "kernel",
            "pin_init",
            "zerocopy",
            "zerocopy_derive",
            "macros",
        ];
        let messages = output(
            Command::new("cargo")
                .current_dir(&workspace.root)
                .args(["check", "--package", "kernel", "--all-features"])
                .args(["--message-format", "json", "--quiet"]),
        )?;
        let mut externs = BTreeMap::new();
        let mut deps = PathBuf::new();
        let mut script = None;
        for line in messages.lines() {
            let message: serde_json::Value = serde_json::from_str(line)?;
            match message["reason"].as_str() {
                Some("compiler-artifact") => {
                    let name = message["target"]["name"]
                        .as_str()
                        .unwrap_or_default()
                        .replace('-', "_");
                    let files = message["filenames"].as_array().cloned().unwrap_or_default();
                    let Some(file) = files
                        .iter()
                        .filter_map(|file| file.as_str())
                        .find(|file| file.ends_with(".rmeta") || file.ends_with(".so"))
                    else {
                        continue;
                    };
                    if EXTERNS.contains(&name.as_str()) {
                        let file = PathBuf::from(file);
                        if name == "kernel" {
                            deps = file.parent().unwrap_or(Path::new("/")).to_owned();
                        }
                        externs.insert(name, file);
                    }
                }
                Some("build-script-executed")
                    if message["package_id"]
                        .as_str()
                        .is_some_and(|id| id.contains("/kernel#")) =>
                {
                    script = Some(message);
                }
                _ => {}
            }
        }
        let script = script.context("the facade's build script was not run")?;
        let strings = |value: &serde_json::Value| -> Vec<String> {
            value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect()
        };
        let objtree = script["env"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|pair| pair[0] == "OBJTREE")
            .and_then(|pair| pair[1].as_str())
            .context("the facade's build script names no OBJTREE")?
            .into();
        Ok(Self {
            externs: externs.into_iter().collect(),
            deps,
            objtree,
            cfgs: strings(&script["cfgs"]),
        })
    }

    /// A rustc that checks the driver whose root file is `root`.
    pub(crate) fn rustc(&self, root: &Path, name: &str, scratch: &Path) -> Command {
        let mut command = Command::new("rustc");
        command
            .args(["--edition=2021", "--crate-type=lib", "--emit=metadata"])
            .args(["-Zcrate-attr=no_std", "-Zunstable-options", "--cap-lints=warn"])
            .arg("-Zcrate-attr=feature(arbitrary_self_types,asm_goto,generic_arg_infer,used_with_arg)")
            .args(["--cfg", "MODULE", "-Aunused_features", "-Astable_features"])
            .arg(format!("--crate-name={name}"))
            .arg("--out-dir")
            .arg(scratch)
            .arg("-L")
            .arg(format!("dependency={}", self.deps.display()));
        for (name, file) in &self.externs {
            command
                .arg("--extern")
                .arg(format!("{name}={}", file.display()));
        }
        for cfg in self.cfgs.iter().filter(|cfg| *cfg != "cargo") {
            command.arg("--cfg").arg(cfg);
        }
        command
            .arg(root)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUST_MODFILE", name)
            .env("OBJTREE", &self.objtree);
        command
    }
}

/// Builds the objects of `modules`, as far as they go.
fn build(kernel: &Kernel<'_>, modules: &[Module]) -> Result<BTreeMap<String, Result<(), String>>> {
    let (log, _) = run(
        &format!("building the tree's own modules ({})", kernel.name),
        kernel
            .make()
            .arg("-k")
            .args(modules.iter().map(|module| module.object.as_str())),
        &kernel.workspace.log(&format!("{}-dropin", kernel.name)),
    )?;
    Ok(modules
        .iter()
        .map(|module| {
            let built = kernel.out().join(&module.object).is_file() && !failed_in(&log, module);
            let result = if built {
                Ok(())
            } else {
                Err(error_about(&log, &module.root).unwrap_or_else(|| "was not built".to_owned()))
            };
            (module.name.clone(), result)
        })
        .collect())
}

/// Whether make gave up on an object of the module; what an earlier run made of it may still be there.
fn failed_in(log: &str, module: &Module) -> bool {
    let root = module.root.replace(".rs", ".o");
    log.lines()
        .filter(|line| line.contains("*** "))
        .any(|line| line.contains(&root) || line.contains(&module.object))
}

/// The first error that a compiler printed.
fn first_error(text: &str) -> String {
    text.lines()
        .find(|line| line.starts_with("error"))
        .unwrap_or("failed without an error message")
        .to_owned()
}

/// The first error whose place is in the folder of `root`.
fn error_about(log: &str, root: &str) -> Option<String> {
    let folder = Path::new(root).parent()?.to_string_lossy().into_owned();
    let lines: Vec<&str> = log.lines().collect();
    lines.windows(2).find_map(|pair| {
        (pair[0].starts_with("error") && pair[1].contains("-->") && {
            pair[1].contains(root) || (!folder.starts_with("samples") && pair[1].contains(&folder))
        })
        .then(|| pair[0].to_owned())
    })
}

/// The outcomes as a table, with what came of each.
pub(crate) fn show_outcomes(outcomes: &[Outcome]) -> String {
    let mark = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let rows: Vec<Vec<String>> = outcomes
        .iter()
        .map(|outcome| {
            vec![
                outcome.module.clone(),
                mark(outcome.type_checks),
                mark(outcome.builds),
                mark(outcome.loads),
                mark(outcome.exercised),
                outcome.note.chars().take(100).collect(),
            ]
        })
        .collect();
    table(
        &[
            "module",
            "type-checks",
            "builds",
            "loads",
            "exercised",
            "note",
        ],
        &rows,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_put_down_to_the_module_it_lies_in() {
        let log = "error[E0432]: unresolved import\n --> ../samples/rust/rust_dma.rs:8:5\n\
                   error[E0433]: cannot find `drm`\n  --> drivers/gpu/drm/nova/file.rs:1:1\n";
        assert_eq!(
            error_about(log, "samples/rust/rust_dma.rs").unwrap(),
            "error[E0432]: unresolved import"
        );
        assert_eq!(
            error_about(log, "drivers/gpu/drm/nova/nova.rs").unwrap(),
            "error[E0433]: cannot find `drm`"
        );
        assert!(error_about(log, "samples/rust/rust_soc.rs").is_none());
    }
}
