// SPDX-License-Identifier: GPL-2.0

//! The commands: which steps each takes, and what it shows in the end.

mod test;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::guest::{self, Exercise, Exercised};
use crate::kernel::{Arch, Kernel};
use crate::ktap::Outcome;
use crate::scaffolds::Scaffolded;
use crate::table::table;
use crate::tools::Tools;
use crate::vm::{self, Boot, Options};
use crate::workspace::Workspace;
use crate::{bench, bindings, dropin, interface, modules, panic_screen, source, Format};

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

    /// Gets tools and source.
    fn fetch(&self) -> Result<(Tools, PathBuf)> {
        let tools = Tools::find(self.workspace)?;
        let source = source::tree(self.workspace, self.tree)?;
        Ok((tools, source))
    }

    /// Gets tools and source, and mirrors the crates into it.
    fn mirrored(&self) -> Result<Mirrored> {
        let (tools, source) = self.fetch()?;
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
        let (wanted, others): (Vec<Exercise>, Vec<Exercise>) = exercises
            .iter()
            .cloned()
            .partition(|exercise| options.wants(&exercise.name));
        anyhow::ensure!(
            !wanted.is_empty() || exercises.is_empty(),
            "no script is called {}",
            options.only.join(" or ")
        );
        // A script may load the modules of others, too.
        let mut modules = modules::build_test_modules(kernel)?;
        modules.extend(others.into_iter().flat_map(|exercise| exercise.modules));
        let initramfs = guest::pack(kernel, &wanted, &modules)?;
        vm::boot(kernel, &initramfs, options, "boot")
    }

    pub(crate) fn boot(
        &self,
        arch: Arch,
        cycles: Option<u32>,
        only: &[String],
        tables: bool,
    ) -> Result<bool> {
        let mirrored = self.mirrored()?;
        let mut options = Options::default().with_only(only);
        if let Some(cycles) = cycles {
            options = options.with_cycles(cycles);
        }
        let boot = self.run(&mirrored, arch, &options)?;
        println!();
        if tables {
            for exercise in &boot.exercises {
                for table in &exercise.tables {
                    println!("{}: {}\n{}", exercise.name, table.name, table.show());
                }
            }
        }
        show_drivers(&boot);
        Ok(show_boot(arch, &boot))
    }

    pub(crate) fn dropin(&self, format: Format) -> Result<bool> {
        let mirrored = self.mirrored()?;
        let boot = self.run(&mirrored, Arch::X86_64, &Options::default())?;
        let built = self.dropin_built(&mirrored)?;
        let mut exercised = boot.exercises;
        exercised.push(panic_screen::exercised(&self.panic_screen()));
        self.dropin_judged(format, &built, &exercised)
    }

    /// Type-checks the tree's own modules, and builds them: for the kernel that boots, which has to be built.
    fn dropin_built(&self, mirrored: &Mirrored) -> Result<dropin::Built> {
        dropin::Built::new(&self.kernel(mirrored, Arch::X86_64, ""))
    }

    /// Shows what came of them, and what they did in a boot; whether all that should pass do.
    fn dropin_judged(
        &self,
        format: Format,
        built: &dropin::Built,
        exercised: &[Exercised],
    ) -> Result<bool> {
        let outcomes = built.outcomes(exercised);
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

    pub(crate) fn panic_screen(&self) -> Result<String> {
        let mirrored = self.mirrored()?;
        panic_screen::check(&self.linux(&mirrored, Arch::X86_64)?)
    }

    pub(crate) fn bench(
        &self,
        what: bench::What,
        format: Format,
        plot: Option<&Path>,
    ) -> Result<bool> {
        let mirrored = self.mirrored()?;
        let workspace = self.workspace;
        let plain: (&str, &[&str]) = ("-bench", &["bench"]);
        match what {
            bench::What::Primitives => self.instructions(&mirrored, "primitives", &[], plain)?,
            bench::What::Hardware => self.instructions(&mirrored, "hardware", &[], plain)?,
            bench::What::Gem => self.instructions(
                &mirrored,
                "gem",
                &["nova-stub", "nova"],
                ("-gem", &["bench", "gem"]),
            )?,
            bench::What::Block => print!("{}", self.block_devices(&mirrored, format, plot)?),
            bench::What::Mirror => {
                print!("{}", bench::mirror::costs(workspace, &mirrored.source)?);
                let kernel = self.kernel(&mirrored, Arch::Um, "");
                kernel.configure(&[Arch::Um.name()])?;
                println!("{}", bench::mirror::rebuilds(workspace, &kernel)?);
            }
            bench::What::Check => {
                // One without tests: Kbuild makes those anew, too.
                let kernel = self.kernel(&mirrored, Arch::X86_64, "-bench");
                kernel.configure(&["bench"])?;
                println!("{}", bench::check::against_kbuild(workspace, &kernel)?);
                print!("{}", bench::check::each_crate(workspace)?);
            }
        }
        Ok(true)
    }

    /// Null block devices, with the crates and with the tree's own, in kernels for both machines.
    fn block_devices(
        &self,
        mirrored: &Mirrored,
        format: Format,
        plot: Option<&Path>,
    ) -> Result<String> {
        let mut machines = Vec::new();
        for (arch, config) in [(Arch::X86_64, "bench"), (Arch::Um, "bench-um")] {
            let (ours, theirs) = self.measured(mirrored, arch, "-block", &[config, "block"])?;
            machines.push(bench::block::run(self.workspace, &ours, &theirs)?);
        }
        bench::block::report(&machines, format == Format::Json, plot)
    }

    /// The loops in `xtask/bench/NAME`, and the drivers that they need, with the crates and with the tree's
    /// own, in a kernel each: `VARIANT`, of these configurations.
    fn instructions(
        &self,
        mirrored: &Mirrored,
        name: &str,
        drivers: &[&str],
        (variant, configs): (&str, &[&str]),
    ) -> Result<()> {
        let (ours, theirs) = self.measured(mirrored, Arch::X86_64, variant, configs)?;
        let table = bench::instructions::run(self.workspace, name, drivers, &ours, &theirs)?;
        print!("{table}");
        Ok(())
    }

    /// Builds two kernels to measure in: one with the crates, one with the tree's own.
    fn measured<'m>(
        &'m self,
        mirrored: &'m Mirrored,
        arch: Arch,
        variant: &str,
        configs: &[&str],
    ) -> Result<(Kernel<'m>, Kernel<'m>)> {
        let ours = self.kernel(mirrored, arch, variant);
        let theirs = Kernel::new(
            self.workspace,
            &mirrored.tools,
            &source::untouched(self.workspace, &mirrored.source)?,
            arch,
            &format!("{variant}-untouched"),
        );
        for kernel in [&ours, &theirs] {
            kernel.configure(configs)?;
            kernel.build("Linux, optimised and without checkers", &["all"])?;
        }
        Ok((ours, theirs))
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
}

/// A mirror error with the advice that goes with it.
pub(crate) fn with_hint(error: mirror::Error) -> anyhow::Error {
    match error.hint() {
        Some(hint) => anyhow::anyhow!("{error}\nhint: {hint}"),
        None => error.into(),
    }
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
