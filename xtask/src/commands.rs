// SPDX-License-Identifier: GPL-2.0

//! The commands: which steps each takes, and what it shows in the end.

use std::cell::LazyCell;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::guest::{self, Exercise};
use crate::kernel::{Arch, Kernel};
use crate::ktap::Outcome;
use crate::run::{quietly, run, step, wait};
use crate::scaffolds::Scaffolded;
use crate::suite::Suite;
use crate::table::table;
use crate::tools::Tools;
use crate::vm::{self, Boot, Options};
use crate::workspace::Workspace;
use crate::{
    api, bench, bindings, deny, dropin, interface, layers, modules, round_trip, semver, series,
    source, there_and_back, Format,
};

/// The parts of the tests that need a kernel tree.
const KERNEL_PARTS: [&str; 11] = [
    "options",
    "mirror",
    "vendored packages",
    "export",
    "there and back",
    Arch::Um.machine(),
    "bindings",
    "interface",
    BUILT,
    Arch::X86_64.machine(),
    DROP_IN,
];

/// That the tree's own modules type-check and build.
const BUILT: &str = "drop-in builds";

/// That those of them which the booted kernel has do what they should.
const DROP_IN: &str = "drop-in";

/// The kernels that the tests boot.
const BOOTED: [Arch; 2] = [Arch::Um, Arch::X86_64];

/// Those of them that the parts asked for need.
fn wanted(suite: &Suite<'_>) -> Vec<Arch> {
    let needs = |arch: &Arch| match arch {
        Arch::X86_64 => suite.wants(DROP_IN),
        Arch::Um => false,
    };
    BOOTED
        .into_iter()
        .filter(|arch| suite.wants(arch.machine()) || needs(arch))
        .collect()
}

/// What clippy passes on to the compiler. Other flags would have it check everything again.
const DENY: [&str; 3] = ["--", "--deny", "warnings"];

/// What every command works with.
pub(crate) struct Shop<'a> {
    workspace: &'a Workspace,
    tree: Option<&'a Path>,
}

/// A source tree with the crates in it, and the tools to build it.
struct Mirrored {
    tools: Tools,
    source: PathBuf,
}

impl<'a> Shop<'a> {
    pub(crate) fn new(workspace: &'a Workspace, tree: Option<&'a Path>) -> Self {
        Self { workspace, tree }
    }

    /// Gets tools and source, and mirrors the crates into it.
    fn mirrored(&self) -> Result<Mirrored> {
        let tools = Tools::find(self.workspace)?;
        let source = source::tree(self.workspace, self.tree)?;
        let workspace = mirror::Workspace::load(&self.workspace.root).map_err(with_hint)?;
        let tree = mirror::Tree::open(&source).map_err(with_hint)?;
        let flat =
            mirror::select(&workspace, &tree, &mirror::Selection::default()).map_err(with_hint)?;
        let changes = mirror::apply(&flat, &tree, mirror::Options::default())
            .map_err(with_hint)
            .with_context(|| format!("mirroring into {} failed", source.display()))?;
        eprintln!("==> mirrored into {}: {changes}", source.display());
        Ok(Mirrored { tools, source })
    }

    fn kernel<'b>(&'b self, mirrored: &'b Mirrored, arch: Arch, variant: &str) -> Kernel<'b> {
        Kernel::new(
            self.workspace,
            &mirrored.tools,
            &mirrored.source,
            arch,
            variant,
        )
    }

    /// Builds the kernel of `arch` with its modules, boots it, and runs every script that it has
    /// modules for.
    fn run(&self, mirrored: &Mirrored, arch: Arch, options: &Options) -> Result<Boot> {
        let (kernel, exercises) = self.build(mirrored, arch)?;
        self.run_scripts(&kernel, &exercises, options)
    }

    /// Builds the kernel of `arch`, and all modules that there are scripts for.
    fn build<'b>(
        &'b self,
        mirrored: &'b Mirrored,
        arch: Arch,
    ) -> Result<(Kernel<'b>, Vec<Exercise>)> {
        let kernel = self.linux(mirrored, arch)?;
        let drivers = self.workspace.driver_packages();
        let mut exercises = modules::build_drivers(&kernel, &drivers)?;
        exercises.extend(dropin::exercises(
            &kernel,
            &dropin::catalogue(self.workspace)?,
        ));
        Ok((kernel, exercises))
    }

    /// Builds the kernel of `arch`.
    fn linux<'b>(&'b self, mirrored: &'b Mirrored, arch: Arch) -> Result<Kernel<'b>> {
        let kernel = self.kernel(mirrored, arch, "");
        kernel.configure(&[arch.name()])?;
        kernel.build("Linux", &["all"])?;
        Ok(kernel)
    }

    /// Boots `kernel` and runs the scripts.
    fn run_scripts(
        &self,
        kernel: &Kernel<'_>,
        exercises: &[Exercise],
        options: &Options,
    ) -> Result<Boot> {
        let initramfs = guest::pack(kernel, exercises)?;
        vm::boot(kernel, &initramfs, options, "boot")
    }

    pub(crate) fn boot(&self, arch: Arch, cycles: Option<u32>) -> Result<bool> {
        let mirrored = self.mirrored()?;
        let options = cycles.map(Options::with_cycles).unwrap_or_default();
        let boot = self.run(&mirrored, arch, &options)?;
        println!();
        show_drivers(&boot);
        Ok(show_boot(arch, &boot))
    }

    pub(crate) fn dropin(&self, format: Format) -> Result<bool> {
        let mirrored = self.mirrored()?;
        let built = self.dropin_built(&mirrored)?;
        let boot = self.run(&mirrored, Arch::X86_64, &Options::default())?;
        self.dropin_judged(format, &built, &boot)
    }

    /// Type-checks and builds the tree's own modules.
    fn dropin_built(&self, mirrored: &Mirrored) -> Result<dropin::Built> {
        let kernel = self.kernel(mirrored, Arch::X86_64, "-dropin");
        kernel.configure(&["x86_64", "dropin"])?;
        dropin::Built::new(&kernel)
    }

    /// Shows what came of them, and what they did in a boot; whether all that should pass do.
    fn dropin_judged(&self, format: Format, built: &dropin::Built, boot: &Boot) -> Result<bool> {
        let outcomes = built.outcomes(&boot.exercises);
        match format {
            Format::Text => {
                print!("{}", dropin::show_outcomes(&outcomes));
                let passed = outcomes.iter().filter(|outcome| outcome.passed()).count();
                println!("\n{passed} of {} pass in all four columns", outcomes.len());
            }
            Format::Json => println!("{}", serde_json::to_string_pretty(&outcomes)?),
        }
        Ok(outcomes
            .iter()
            .zip(&built.modules)
            // Only what the booted kernel has is promised so far.
            .filter(|(_, module)| module.boots)
            .all(|(outcome, _)| outcome.passed()))
    }

    pub(crate) fn interface(&self, reference: Option<&Path>, verbose: bool) -> Result<bool> {
        let mirrored = self.mirrored()?;
        let kernel = self.kernel(&mirrored, Arch::X86_64, "");
        kernel.configure(&[Arch::X86_64.name()])?;
        kernel.build("the crates", &["prepare", "rust/"])?;
        let ours = interface::list(&kernel)?;
        let default = self.workspace.root.join("xtask/interface-7.2.txt");
        let reference = reference.unwrap_or(&default);
        let (text, complete) = interface::report(self.workspace, reference, &ours, verbose)?;
        print!("{text}");
        Ok(complete)
    }

    pub(crate) fn bindings(&self, check: bool) -> Result<bool> {
        let mirrored = self.mirrored()?;
        let kernel = self.kernel(&mirrored, Arch::X86_64, "");
        kernel.configure(&[Arch::X86_64.name()])?;
        kernel.build("what bindgen needs", &["prepare"])?;
        println!("{}", bindings::snapshot(self.workspace, &kernel, check)?);
        Ok(true)
    }

    pub(crate) fn bench(&self, what: bench::What, format: Format, plot: &Path) -> Result<bool> {
        let mirrored = self.mirrored()?;
        let workspace = self.workspace;
        match what {
            bench::What::Primitives => self.instructions(&mirrored, "primitives")?,
            bench::What::Hardware => self.instructions(&mirrored, "hardware")?,
            bench::What::Block => self.block(&mirrored, format, plot)?,
            bench::What::Mirror => {
                print!("{}", bench::mirror::costs(workspace, &mirrored.source)?);
                let kernel = self.kernel(&mirrored, Arch::Um, "");
                kernel.configure(&[Arch::Um.name()])?;
                println!("{}", bench::mirror::rebuilds(workspace, &kernel)?);
            }
            bench::What::Check => {
                // One without tests: Kbuild makes those anew, too.
                let kernel = self.kernel(&mirrored, Arch::X86_64, "-bench");
                kernel.configure(&["bench", "bench-x86_64"])?;
                println!("{}", bench::check::against_kbuild(workspace, &kernel)?);
                print!("{}", bench::check::each_crate(workspace)?);
            }
        }
        Ok(true)
    }

    /// The loops in `xtask/bench/NAME`, with the crates and with the tree's own, in a kernel each.
    fn instructions(&self, mirrored: &Mirrored, name: &str) -> Result<()> {
        let source = source::untouched(self.workspace, &mirrored.source)?;
        let [ours, theirs] = self.measured(mirrored, &source, Arch::X86_64)?;
        let table = bench::instructions::run(self.workspace, name, &ours, &theirs)?;
        print!("{table}");
        Ok(())
    }

    /// Null block devices: counted under QEMU, timed under User-mode Linux.
    fn block(&self, mirrored: &Mirrored, format: Format, plot: &Path) -> Result<()> {
        let source = source::untouched(self.workspace, &mirrored.source)?;
        let kernels = [
            self.measured(mirrored, &source, Arch::X86_64)?,
            self.measured(mirrored, &source, Arch::Um)?,
        ];
        let pairs: Vec<[&Kernel<'_>; 2]> = kernels.iter().map(|[a, b]| [a, b]).collect();
        let block = bench::block::run(self.workspace, &pairs)?;
        match format {
            Format::Text => print!("{}", block.text()),
            Format::Json => println!("{}", block.json()?),
        }
        block.plot(plot)?;
        eprintln!("==> drawn in {}", plot.display());
        Ok(())
    }

    /// Kernels to measure in: one with our crates, one with the crate that the tree came with.
    fn measured<'b>(
        &'b self,
        mirrored: &'b Mirrored,
        untouched: &Path,
        arch: Arch,
    ) -> Result<[Kernel<'b>; 2]> {
        let theirs = Kernel::new(
            self.workspace,
            &mirrored.tools,
            untouched,
            arch,
            "-bench-untouched",
        );
        let kernels = [self.kernel(mirrored, arch, "-bench"), theirs];
        let own = format!("bench-{}", arch.name());
        for kernel in &kernels {
            kernel.configure(&["bench", &own])?;
            kernel.build("Linux, optimised and without checkers", &["all"])?;
        }
        Ok(kernels)
    }

    /// Makes a subsystem and a driver in a copy of the workspace, and tries them.
    pub(crate) fn scaffolds(&self, host_only: bool) -> Result<String> {
        let scaffolded = Scaffolded::new(self.workspace)?;
        let shop = Shop::new(&scaffolded.workspace, self.tree);
        shop.lint(None)?;
        shop.owners()?;
        let checked = scaffolded.check()?;
        if host_only {
            return Ok(checked);
        }
        let boot = shop.mirrored().and_then(|mirrored| {
            let kernel = shop.linux(&mirrored, Arch::Um)?;
            let exercises = modules::build_drivers(&kernel, &scaffolded.drivers())?;
            shop.run_scripts(&kernel, &exercises, &Options::default())
        });
        // Whatever came of it, the tree is this workspace's again.
        self.mirrored()?;
        let booted = scaffolded.booted(&boot?)?;
        Ok(format!("{checked}; {booted}"))
    }

    /// Every test. A part that fails does not keep the others from running.
    pub(crate) fn test(&self, host_only: bool, only: &[String]) -> Result<bool> {
        let workspace = self.workspace;
        let mut suite = Suite::new(only);
        suite.part("rules between crates", || layers::check(workspace));
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
            }
        });
        suite.part("scaffolds", || self.scaffolds(host_only));
        Ok(suite.finish())
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

    /// Builds the kernels of `arches`, drops `built`, and boots them one after the other.
    fn machines(
        &self,
        mirrored: &Mirrored,
        arches: &[Arch],
        built: Sender<Infallible>,
        booted: &Sender<Result<Boot>>,
    ) {
        let start = Instant::now();
        let meanwhile = |what: &str| {
            eprintln!(
                "==> meanwhile, after {} s: {what}",
                start.elapsed().as_secs()
            )
        };
        let mut machines = Vec::new();
        for &arch in arches {
            let machine = self.build(mirrored, arch);
            let built = if machine.is_ok() {
                "built"
            } else {
                "failed to build"
            };
            meanwhile(&format!("Linux ({}) {built}", arch.name()));
            machines.push(machine);
        }
        drop(built);
        for (arch, machine) in arches.iter().zip(machines) {
            let boot = machine.and_then(|(kernel, exercises)| {
                self.run_scripts(&kernel, &exercises, &Options::default())
            });
            meanwhile(&format!("{} ended", arch.machine()));
            // Nobody waits for it when a part before it panicked.
            let _ = booted.send(boot);
        }
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
        let boot = LazyCell::new(|| booted(qemu));
        let boot = || match &*boot {
            Ok(boot) => Ok(boot),
            Err(error) => Err(anyhow::anyhow!("{error:#}")),
        };
        suite.part(qemu, || judged(boot()?));
        suite.part(DROP_IN, || {
            let built = built.context("the modules were not built")?;
            anyhow::ensure!(
                self.dropin_judged(Format::Text, &built, boot()?)?,
                "a module that passed before fails"
            );
            Ok("every module that the booted kernel has passes".to_owned())
        });
    }

    fn owners(&self) -> Result<String> {
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
    fn lint(&self, tree: Option<&Path>) -> Result<String> {
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

/// A mirror error with the advice that goes with it.
pub(crate) fn with_hint(error: mirror::Error) -> anyhow::Error {
    match error.hint() {
        Some(hint) => anyhow::anyhow!("{error}\nhint: {hint}"),
        None => error.into(),
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
        "KUnit: {kunit}; {} modules, {checks} checks{}{}{}{}",
        boot.exercises.len() - skipped.len(),
        match failed {
            0 => String::new(),
            failed => format!(", {failed} allocations made to fail"),
        },
        match &*boot.checkers.keys().cloned().collect::<Vec<_>>().join(", ") {
            "" => String::new(),
            names => format!("; {names} and sleep-in-atomic on and silent"),
        },
        skipped.concat(),
        excused.concat(),
    ))
}

/// What each driver did, as a table.
fn show_drivers(boot: &Boot) {
    let rows: Vec<Vec<String>> = boot
        .exercises
        .iter()
        .map(|exercise| {
            let held = exercise.checks.iter().filter(|(_, ok)| *ok).count();
            vec![
                exercise.name.clone(),
                if exercise.loaded { "yes" } else { "no" }.to_owned(),
                format!("{held} of {}", exercise.checks.len()),
                match &exercise.skipped {
                    Some(reason) => format!("skipped: {reason}"),
                    None => exercise.summary.clone(),
                },
            ]
        })
        .collect();
    print!(
        "{}",
        table(&["driver", "loaded", "checks held", "what it did"], &rows)
    );
}

/// The boot's totals and faults; whether there were none.
fn show_boot(arch: Arch, boot: &Boot) -> bool {
    println!();
    if let Some(report) = &boot.kunit {
        println!("KUnit under {}: {report}", arch.machine());
        for case in report
            .cases
            .iter()
            .filter(|case| case.outcome == Outcome::Skipped)
        {
            println!("skipped: {}: {}", case.name, case.notes.join(" "));
        }
    }
    println!(
        "booted in {:.1} s; the console is in {}",
        boot.seconds,
        boot.log.display()
    );
    for (why, times) in &boot.excused {
        println!("not counted, {times} times: {why}");
    }
    let faults = boot.faults();
    for fault in &faults {
        println!("FAULT: {fault}");
    }
    if !faults.is_empty() {
        let lines: Vec<&str> = boot.console.lines().collect();
        println!("the last lines of the console:");
        for line in &lines[lines.len().saturating_sub(15)..] {
            println!("  | {line}");
        }
    }
    faults.is_empty()
}
