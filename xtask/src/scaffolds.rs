// SPDX-License-Identifier: GPL-2.0

//! That what `mirror new` makes works as it is, and what `docs/platform-driver.md` makes of it: in a copy
//! of the workspace, from `cargo check` to a booted kernel.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure, Context, Result};
use cargo_metadata::Package;
use mirror::{Disk, Name, Scaffold, ScaffoldKind};

use crate::commands::with_hint;
use crate::ktap::Outcome;
use crate::run::{output, run};
use crate::vm::Boot;
use crate::workspace::Workspace;
use crate::{api, layers};

/// A subsystem with a dash in its name, on top of another, and a driver that uses it.
const SUBSYSTEM: &str = "sample-clock";
const DRIVER: &str = "sample-squares";

/// The page for the author of a driver, and the driver that it ends with.
const GUIDE: &str = "docs/platform-driver.md";
const GUIDES_DRIVER: &str = "thermostat";

/// A copy of the workspace with one more subsystem and two more drivers.
pub(crate) struct Scaffolded {
    pub(crate) workspace: Workspace,
    target: PathBuf,
    packages: [String; 3],
}

impl Scaffolded {
    /// Copies `workspace`, with what is not committed yet, and makes the two crates in the copy.
    pub(crate) fn new(workspace: &Workspace) -> Result<Self> {
        let place = workspace.root.join("target/scaffolds");
        let root = place.join("workspace");
        copy(&workspace.root, &root)?;
        let make = |name: &str, kind: ScaffoldKind| -> Result<String> {
            let name: Name = name.parse()?;
            let scaffold = Scaffold::new(name, kind);
            let made = scaffold.make(&root, &Disk::new(), false);
            Ok(made.map_err(with_hint)?.package)
        };
        let packages = [
            make(
                SUBSYSTEM,
                ScaffoldKind::Subsystem {
                    depends: vec!["sync".to_owned()],
                },
            )?,
            make(
                DRIVER,
                ScaffoldKind::Driver {
                    subsystems: vec![SUBSYSTEM.to_owned()],
                },
            )?,
            make(
                GUIDES_DRIVER,
                ScaffoldKind::Driver {
                    subsystems: vec!["platform".to_owned()],
                },
            )?,
        ];
        follow_guide(&root)?;
        let workspace = Workspace::at(&root, workspace.kernel_dir())?;
        // The guide's last command.
        let graph = mirror::Graph::new(&workspace.metadata).svg();
        fs::write(root.join("docs/crates.svg"), graph)?;
        Ok(Self {
            workspace,
            target: place.join("target"),
            packages,
        })
    }

    /// What holds of every crate of the workspace, of these: the rules, no warning, tests that pass.
    pub(crate) fn check(&self) -> Result<String> {
        layers::check(&self.workspace)?;
        api::check(&self.workspace, &[], false)?;
        self.cargo("format", &["fmt", "--all", "--check"])?;
        let [subsystem, driver, guided] = &self.packages;
        for package in &self.packages {
            self.cargo("check", &["check", "--package", package])?;
        }
        // The facade knows the subsystem by a feature.
        let all = ["-p", subsystem, "-p", driver, "-p", guided, "-p", "kernel"];
        let clippy = [
            &["clippy", "--all-targets"],
            &all[..],
            &["--", "-Dwarnings"],
        ];
        self.cargo("clippy", &clippy.concat())?;
        self.cargo("doc", &[&["doc", "--no-deps"], &all[..]].concat())?;
        let text = self.cargo("test", &[&["test"], &all[..6]].concat())?;
        let passed = text.lines().filter(|line| line.ends_with("... ok")).count();
        ensure!(passed >= 2, "its tests did not run:\n{text}");
        Ok(format!(
            "{subsystem}, {driver} and the guide's {guided}: 0 warnings, {passed} tests"
        ))
    }

    /// The drivers.
    pub(crate) fn drivers(&self) -> Vec<&Package> {
        let drivers = self.workspace.driver_packages().into_iter();
        drivers
            .filter(|driver| self.packages.iter().any(|name| driver.name == *name))
            .collect()
    }

    /// Runs cargo in the copy; a warning is a failure.
    fn cargo(&self, name: &str, arguments: &[&str]) -> Result<String> {
        let (text, result) = run(
            &format!("cargo {}, scaffolds", arguments.join(" ")),
            Command::new("cargo")
                .current_dir(&self.workspace.root)
                .env("CARGO_TARGET_DIR", &self.target)
                .args(arguments),
            &self.workspace.log(&format!("scaffolds-{name}")),
        )?;
        result?;
        ensure!(!text.contains("warning: "), "there are warnings:\n{text}");
        Ok(text)
    }

    /// That the crates' examples, KUnit cases and checks ran in a booted kernel, and that all passed.
    pub(crate) fn booted(&self, boot: &Boot) -> Result<String> {
        let faults = boot.faults();
        ensure!(faults.is_empty(), "{}", faults.join("\n"));
        let module = SUBSYSTEM.replace('-', "_");
        let kunit = boot.kunit.as_ref().context("no KUnit")?;
        let passed = |part: &str| {
            let mut cases = kunit.cases.iter();
            cases.any(|case| case.name.contains(part) && case.outcome == Outcome::Passed)
        };
        let suite = format!("rust_{module}: ");
        let example = format!("rust_doctest_kernel_{module}_rs_");
        ensure!(passed(&suite), "no KUnit case of {suite} ran");
        ensure!(passed(&example), "no example {example} ran");
        let mut checks = 0;
        for driver in [DRIVER, GUIDES_DRIVER] {
            let name = driver.replace('-', "_");
            let mut exercises = boot.exercises.iter();
            let exercise = exercises
                .find(|exercise| exercise.name == name && exercise.passed)
                .with_context(|| format!("{driver} did not run"))?;
            checks += exercise.checks.len();
        }
        let cases = kunit.cases.iter();
        let own = cases.filter(|c| c.name.contains(&suite) || c.name.contains(&example));
        Ok(format!(
            "in a booted kernel {} KUnit cases and {checks} checks of theirs",
            own.count()
        ))
    }
}

/// Does in the workspace `root` what the guide says: the device, the driver and its script.
fn follow_guide(root: &Path) -> Result<()> {
    let page = fs::read_to_string(root.join(GUIDE)).with_context(|| GUIDE.to_owned())?;
    let block = |language: &str| {
        let start = format!("```{language}\n");
        let text = page.split(&start).nth(1);
        let text = text.and_then(|rest| rest.split("```").next());
        text.with_context(|| format!("{GUIDE} has no block of {language}"))
    };
    let driver = root.join("drivers").join(GUIDES_DRIVER);
    fs::write(driver.join("src/thermostat.rs"), block("rust")?)?;
    fs::write(driver.join("exercise.sh"), block("sh")?)?;
    let manifest = driver.join("Cargo.toml");
    let made = fs::read_to_string(&manifest)?;
    let (before, after) = made
        .split_once("\n[build-dependencies]")
        .context("the new driver's manifest has no end of its dependencies")?;
    let more = block("toml")?;
    fs::write(
        &manifest,
        format!("{before}{more}\n[build-dependencies]{after}"),
    )?;
    let tree = root.join("xtask/guest/devices.dts");
    let devices = fs::read_to_string(&tree)?;
    let (devices, end) = devices
        .rsplit_once("};")
        .context("the device tree has no end")?;
    fs::write(&tree, format!("{devices}\n{}}};{end}", block("dts")?))?;
    Ok(())
}

/// Makes `to` the same as the workspace `from`, but for what git ignores. Files keep their times, so
/// that cargo builds again only what changed.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let listed = output(Command::new("git").current_dir(from).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    clear(to)?;
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        let (from, to) = (from.join(path), to.join(path));
        // Removed, and not committed yet.
        if !from.exists() {
            continue;
        }
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&from, &to).with_context(|| from.display().to_string())?;
        let modified = from.metadata()?.modified()?;
        fs::File::options()
            .write(true)
            .open(&to)?
            .set_modified(modified)?;
    }
    Ok(())
}

/// Empties a folder, but for what cargo built there.
fn clear(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == "target" {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}
