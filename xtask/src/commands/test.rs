// SPDX-License-Identifier: GPL-2.0

//! `cargo xtask test`: its parts, and in which order and beside what they run.

use std::cell::LazyCell;
use std::convert::Infallible;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};

use super::{with_hint, Mirrored, Shop};
use crate::kernel::Arch;
use crate::run::{quietly, run, step, wait};
use crate::suite::Suite;
use crate::vm::{Boot, Options};
use crate::{
    api, deny, dropin, layers, panic_screen, round_trip, semver, series, there_and_back, Format,
};

/// The parts of the tests that need a kernel tree.
const KERNEL_PARTS: [&str; 12] = [
    "options",
    "mirror",
    "vendored packages",
    "export",
    "there and back",
    Arch::Um.machine(),
    "bindings",
    "interface",
    BUILT,
    PANIC_SCREEN,
    Arch::X86_64.machine(),
    DROP_IN,
];

/// That the tree's own modules type-check and build.
const BUILT: &str = "drop-in builds";

/// That the code on a panic's screen is the log.
const PANIC_SCREEN: &str = "panic screen";

/// That those of them which the booted kernel has do what they should.
const DROP_IN: &str = "drop-in";

/// That what `mirror new` makes works.
const SCAFFOLDS: &str = "scaffolds";

/// The kernels that the tests boot.
const BOOTED: [Arch; 2] = [Arch::Um, Arch::X86_64];

/// Those of them that the parts asked for need.
fn wanted(suite: &Suite<'_>) -> Vec<Arch> {
    let needs = |arch: &Arch| match arch {
        Arch::X86_64 => [DROP_IN, BUILT, PANIC_SCREEN]
            .iter()
            .any(|name| suite.wants(name)),
        Arch::Um => false,
    };
    BOOTED
        .into_iter()
        .filter(|arch| suite.wants(arch.machine()) || needs(arch))
        .collect()
}

/// What clippy passes on to the compiler. Other flags would have it check everything again.
const DENY: [&str; 3] = ["--", "--deny", "warnings"];

impl Shop<'_> {
    /// Every test. A part that fails does not keep the others from running.
    pub(crate) fn test(&self, host_only: bool, only: &[String]) -> Result<bool> {
        let mut suite = Suite::new(only);
        let needs_tree = !host_only && KERNEL_PARTS.iter().any(|name| suite.wants(name));
        thread::scope(|scope| {
            if needs_tree {
                // What comes over the network, while the processors are busy. If it fails, it fails again
                // for the part that needs it.
                scope.spawn(|| quietly(|| self.fetch().ok()));
            }
            self.first_parts(&mut suite);
        });
        let mirrored = match host_only {
            true => {
                eprintln!(
                    "==> skipped: {} (--host leaves them out)",
                    KERNEL_PARTS.join(", ")
                );
                None
            }
            false => self.tree_parts(&mut suite),
        };
        // Neither the kernels nor cargo keep two processors busy.
        thread::scope(|scope| {
            let machines = mirrored.as_ref().map(|mirrored| {
                let (built, waiting) = mpsc::channel();
                let (booted, boots) = mpsc::channel();
                let arches = wanted(&suite);
                scope.spawn(move || quietly(|| self.machines(mirrored, &arches, built, &booted)));
                (mirrored, waiting, boots)
            });
            self.host_parts(&mut suite);
            if let Some((mirrored, waiting, boots)) = machines {
                wait("waiting for the kernels to be built", &waiting);
                self.boot_parts(&mut suite, mirrored, &boots);
            } else {
                suite.part(SCAFFOLDS, || self.scaffolds(host_only));
            }
        });
        Ok(suite.finish())
    }

    /// What says soonest that something is wrong.
    fn first_parts(&self, suite: &mut Suite<'_>) {
        suite.part("rules between crates", || layers::check(self.workspace));
        suite.part("mapping into a tree", || self.lint(None));
        suite.part("CODEOWNERS", || self.owners());
        suite.part("formatting", || {
            self.cargo("format", &["fmt", "--all", "--check"])
        });
        suite.part("clippy", || {
            // Not `--all-targets`, which has each library twice: once more as a test of none.
            let all = [
                "clippy",
                "--workspace",
                "--lib",
                "--bins",
                "--examples",
                "--tests",
            ];
            self.cargo("clippy", &[&all[..], &DENY].concat())
        });
    }

    /// What takes a kernel tree, but no built one.
    fn tree_parts(&self, suite: &mut Suite<'_>) -> Option<Mirrored> {
        let first = KERNEL_PARTS.into_iter().find(|name| suite.wants(name))?;
        let mirrored = match self.mirrored() {
            Ok(mirrored) => mirrored,
            Err(error) => {
                suite.part(first, || Err(error));
                return None;
            }
        };
        let (workspace, source) = (self.workspace, &*mirrored.source);
        suite.part("options", || self.lint(Some(source)));
        suite.part("mirror", || round_trip::check(workspace, source));
        suite.part("vendored packages", || deny::vendored(workspace, source));
        suite.part("export", || series::check(workspace, source));
        suite.part("there and back", || {
            there_and_back::check(workspace, source)
        });
        Some(mirrored)
    }

    /// Builds the kernels of `arches` one after the other, boots each as soon as it is built, and drops
    /// `built` when all are. The boots are sent in the order of `arches`.
    fn machines(
        &self,
        mirrored: &Mirrored,
        arches: &[Arch],
        built: Sender<Infallible>,
        booted: &Sender<Result<Boot>>,
    ) {
        let start = Instant::now();
        let meanwhile = move |what: &str| {
            eprintln!(
                "==> meanwhile, after {} s: {what}",
                start.elapsed().as_secs()
            )
        };
        thread::scope(|scope| {
            let mut boots = Vec::new();
            for &arch in arches {
                let machine = self.build(mirrored, arch);
                let built = if machine.is_ok() {
                    "built"
                } else {
                    "failed to build"
                };
                meanwhile(&format!("Linux ({}) {built}", arch.name()));
                // It runs while the next one is built.
                boots.push(scope.spawn(move || {
                    let (kernel, exercises) = machine?;
                    let boot =
                        quietly(|| self.run_scripts(&kernel, &exercises, &Options::default()));
                    meanwhile(&format!("{} ended", arch.machine()));
                    boot
                }));
            }
            drop(built);
            for boot in boots {
                let boot = boot
                    .join()
                    .unwrap_or_else(|_| Err(anyhow::anyhow!("the boot's thread panicked")));
                // Nobody waits for it when a part before it panicked.
                let _ = booted.send(boot);
            }
        });
    }

    /// What takes no kernel tree, and some time.
    fn host_parts(&self, suite: &mut Suite<'_>) {
        let workspace = self.workspace;
        suite.part("each crate alone", || self.each_crate());
        suite.part("documentation", || self.documentation());
        suite.part("the README's driver", || self.readme_driver());
        suite.part("host tests", || self.host_tests());
        suite.part("stored interfaces", || api::check(workspace, &[], false));
        suite.part("versions", || semver::check(workspace));
        suite.part("third-party code", || deny::check(workspace));
    }

    /// What takes built kernels, and their boots in the order of [`BOOTED`].
    fn boot_parts(
        &self,
        suite: &mut Suite<'_>,
        mirrored: &Mirrored,
        boots: &Receiver<Result<Boot>>,
    ) {
        let [um, qemu] = BOOTED.map(Arch::machine);
        let booted = |machine| {
            wait(&format!("waiting for {machine}"), boots)
                .unwrap_or_else(|| Err(anyhow::anyhow!("nothing was booted")))
        };
        suite.part(um, || judged(&booted(um)?));
        // What needs no boot, while the longest lasts.
        suite.part("bindings", || {
            self.bindings(true)
                .map(|_| "the snapshot is up to date".into())
        });
        suite.part("interface", || self.test_interface());
        let mut built = None;
        suite.part(BUILT, || {
            Ok(built.insert(self.dropin_built(mirrored)?).summary())
        });
        let mut panicked = None;
        suite.part(PANIC_SCREEN, || {
            let told = panic_screen::check(&self.kernel(mirrored, Arch::X86_64, ""));
            panicked = Some(panic_screen::exercised(&told));
            told
        });
        // It mirrors into the same tree: after what builds from that for QEMU.
        suite.part(SCAFFOLDS, || self.scaffolds(false));
        let boot = LazyCell::new(|| booted(qemu));
        let boot = || match &*boot {
            Ok(boot) => Ok(boot),
            Err(error) => Err(anyhow::anyhow!("{error:#}")),
        };
        suite.part(qemu, || judged(boot()?));
        suite.part(DROP_IN, || {
            let built = built.context("the modules were not built")?;
            let mut exercised = boot()?.exercises.clone();
            exercised.extend(panicked);
            anyhow::ensure!(
                self.dropin_judged(Format::Text, &built, &exercised)?,
                "a module that passed before fails"
            );
            Ok("every module that the booted kernel has passes".to_owned())
        });
    }

    pub(super) fn owners(&self) -> Result<String> {
        let crates = mirror::Workspace::load(&self.workspace.root).map_err(with_hint)?;
        anyhow::ensure!(
            mirror::owners_in_step(&crates).map_err(with_hint)?,
            "out of date: `cargo run -p mirror -- owners --write` makes it anew"
        );
        Ok("as the crates' manifests have it".to_owned())
    }

    fn test_interface(&self) -> Result<String> {
        anyhow::ensure!(
            self.interface(None, false)?,
            "lines of 7.2's interface are missing or different: see above"
        );
        Ok("every line of the crates' modules is there or explained".to_owned())
    }

    /// That the crates map into a tree as they should, and ask for options that there are.
    pub(super) fn lint(&self, tree: Option<&Path>) -> Result<String> {
        let workspace = mirror::Workspace::load(&self.workspace.root).map_err(with_hint)?;
        let tree = tree
            .map(mirror::Tree::open)
            .transpose()
            .map_err(with_hint)?;
        let findings = mirror::lint(&workspace, tree.as_ref()).map_err(with_hint)?;
        let lines: Vec<String> = findings
            .iter()
            .map(|it| format!("{}:{}: {}", it.path.display(), it.line, it.what))
            .collect();
        anyhow::ensure!(lines.is_empty(), "`mirror lint`:\n  {}", lines.join("\n  "));
        Ok("0 findings".to_owned())
    }

    /// Runs cargo in the workspace, as a step.
    fn cargo(&self, name: &str, arguments: &[&str]) -> Result<String> {
        step(
            &format!("cargo {}", arguments.join(" ")),
            Command::new("cargo")
                .current_dir(&self.workspace.root)
                .args(arguments),
            &self.workspace.log(name),
        )?;
        Ok("0 warnings".to_owned())
    }

    /// Checks each crate by itself: none may lean on what another happens to switch on. Clippy does it,
    /// as it has most of them checked with the same features by then.
    fn each_crate(&self) -> Result<String> {
        let packages: Vec<_> = self
            .workspace
            .kernel_packages()
            .into_iter()
            .chain(self.workspace.driver_packages())
            .collect();
        for package in &packages {
            let (text, result) = run(
                &format!("cargo clippy -p {}", package.name),
                Command::new("cargo")
                    .current_dir(&self.workspace.root)
                    .args(["clippy", "--package", &package.name])
                    .args(DENY),
                &self.workspace.log(&format!("check-{}", package.name)),
            )?;
            result?;
            anyhow::ensure!(
                !text.contains("warning: "),
                "{} has warnings:\n{text}",
                package.name
            );
        }
        Ok(format!("{} crates, 0 warnings", packages.len()))
    }

    fn documentation(&self) -> Result<String> {
        let packages = self.workspace.kernel_packages();
        let mut arguments = vec!["doc", "--no-deps"];
        for package in &packages {
            arguments.extend(["--package", package.name.as_str()]);
        }
        let (text, result) = run(
            "cargo doc",
            Command::new("cargo")
                .current_dir(&self.workspace.root)
                .args(&arguments),
            &self.workspace.log("doc"),
        )?;
        result?;
        anyhow::ensure!(!text.contains("warning: "), "there are warnings:\n{text}");
        Ok(format!("{} crates, 0 warnings", packages.len()))
    }

    /// That the driver which the README shows type-checks.
    fn readme_driver(&self) -> Result<String> {
        let readme = std::fs::read_to_string(self.workspace.root.join("README.md"))?;
        let source = readme
            .split("```rust\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .context("README.md shows no driver")?;
        let scratch = self.workspace.kernel_dir().join("readme");
        std::fs::create_dir_all(&scratch)?;
        let root = scratch.join("greeter.rs");
        std::fs::write(&root, source)?;
        let facade = dropin::Facade::build(self.workspace)?;
        step(
            "rustc greeter.rs",
            &mut facade.rustc(&root, "greeter", &scratch),
            &self.workspace.log("readme"),
        )?;
        Ok(format!("{} lines, type-checks", source.lines().count()))
    }

    /// `cargo test`, and its count of tests.
    fn host_tests(&self) -> Result<String> {
        let (text, result) = run(
            "cargo test",
            Command::new("cargo")
                .current_dir(&self.workspace.root)
                .args(["test", "--workspace", "--no-fail-fast"]),
            &self.workspace.log("host-tests"),
        )?;
        let number = |line: &str, word: &str| -> usize {
            line.split(';')
                .flat_map(|part| part.split('.'))
                .find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok())
                .unwrap_or(0)
        };
        let results = || text.lines().filter(|line| line.starts_with("test result:"));
        let count = |word: &str| results().map(|line| number(line, word)).sum::<usize>();
        for line in text.lines().filter(|line| line.ends_with("... FAILED")) {
            eprintln!("    {line}");
        }
        result?;
        Ok(format!(
            "{} passed, {} ignored",
            count("passed"),
            count("ignored")
        ))
    }
}

/// What a boot without faults says for itself.
fn judged(boot: &Boot) -> Result<String> {
    let faults = boot.faults();
    anyhow::ensure!(
        faults.is_empty(),
        "{} faults; the console is in {}\n  {}",
        faults.len(),
        boot.log.display(),
        faults.join("\n  ")
    );
    let kunit = boot
        .kunit
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let checks: usize = boot
        .exercises
        .iter()
        .map(|exercise| exercise.checks.len())
        .sum();
    let failed: usize = boot.exercises.iter().map(|exercise| exercise.faults).sum();
    let skipped: Vec<String> = boot
        .exercises
        .iter()
        .filter_map(|exercise| {
            let reason = exercise.skipped.as_ref()?;
            Some(format!("; {} skipped: {reason}", exercise.name))
        })
        .collect();
    let excused: Vec<String> = boot
        .excused
        .iter()
        .map(|(why, times)| format!("; not counted, {times} times: {why}"))
        .collect();
    Ok(format!(
        "KUnit: {kunit}; {} modules, {checks} checks{}{}; booted in {:.0} s{}{}",
        boot.exercises.len() - skipped.len(),
        match failed {
            0 => String::new(),
            failed => format!(", {failed} allocations made to fail"),
        },
        match &*boot.checkers.keys().cloned().collect::<Vec<_>>().join(", ") {
            "" => String::new(),
            names => format!("; {names} and sleep-in-atomic on and silent"),
        },
        boot.seconds,
        skipped.concat(),
        excused.concat(),
    ))
}
