// SPDX-License-Identifier: GPL-2.0

//! The workshop of kernel-crates: `cargo xtask COMMAND`.
//!
//! Exit status: 0 when everything held, 1 when something failed, 2 for unusable arguments.

mod acpi;
mod analyze;
mod api;
mod bench;
mod bindings;
mod commands;
mod debian;
mod deny;
mod dropin;
mod guest;
mod interface;
mod kernel;
mod ktap;
mod layers;
mod modules;
mod panic_screen;
mod programs;
mod release;
mod round_trip;
mod run;
mod scaffolds;
mod semver;
mod series;
mod source;
mod stats;
mod suite;
mod table;
mod there_and_back;
mod tools;
mod vm;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

use crate::kernel::Arch;

/// Get a kernel, mirror the crates into it, build, boot, test, measure.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    after_help = "Exit status: 0 all held, 1 something failed, 2 unusable arguments."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// Linux 7.2 source tree to mirror into, instead of one that is downloaded to target/kernel.
    #[arg(long, global = true, value_name = "DIR")]
    tree: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Boot a kernel built on the crates, load the drivers, and show what each did.
    Boot {
        /// The virtual machine.
        #[arg(long, value_enum, default_value = "um")]
        arch: Arch,
        /// How often the drivers' scripts unbind and bind a device, under load; 50 without this.
        #[arg(long, value_name = "TIMES")]
        cycles: Option<u32>,
        /// Run only the scripts whose names contain this, or are it after a `=`; and none of KUnit's suites.
        #[arg(long, value_name = "TEXT")]
        only: Vec<String>,
        /// Show the tables that scripts made, too: of each register that a PHY's driver reads and writes.
        #[arg(long)]
        tables: bool,
    },
    /// Run every test there is, on the host and in booted kernels.
    Test {
        /// Leave out what needs a kernel.
        #[arg(long)]
        host: bool,
        /// Run only the parts whose names contain this.
        #[arg(long, value_name = "TEXT")]
        only: Vec<String>,
    },
    /// Try the tree's own Rust modules, unmodified, on the crates.
    Dropin {
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Compare the public interface with that of 7.2's own crate.
    Interface {
        /// The listing to compare with, a line for each item.
        #[arg(long, value_name = "FILE")]
        reference: Option<PathBuf>,
        /// Show the items that only ours has, and those that wait for other modules, too.
        #[arg(long)]
        verbose: bool,
    },
    /// Compare each crate's public interface with the one that is stored beside it.
    Api {
        /// Store what the sources say.
        #[arg(long)]
        accept: bool,
        /// Only this crate.
        #[arg(long, short, value_name = "CRATE")]
        package: Vec<String>,
    },
    /// Say which versions the changes since the last releases call for.
    Semver {
        /// Raise the versions in the manifests that are too low.
        #[arg(long)]
        fix: bool,
    },
    /// Give each crate that changed its next version, in a commit with tags.
    Release {
        /// Only show which crates would get which version.
        #[arg(long)]
        dry_run: bool,
    },
    /// Make the snapshot of bindings again, or (with --check) say whether it has drifted.
    Bindings {
        #[arg(long)]
        check: bool,
    },
    /// Check the rules between crates.
    Layers,
    /// Have a kernel panic, with the tree's encoder of QR codes and with ours, and read its screen.
    PanicScreen,
    /// Try what `mirror new` makes, in a copy of the workspace.
    Scaffolds {
        /// Leave out what needs a kernel.
        #[arg(long)]
        host: bool,
    },
    /// Draw the crate graph as SVG on standard output.
    Graph,
    /// Count lines and unsafe blocks of each crate.
    Stats,
    /// Measure, side by side with what there is to compare with.
    Bench {
        #[arg(value_enum)]
        what: bench::What,
        /// For block devices.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
        /// Draw the ratios of block devices to this file, as SVG.
        #[arg(long, value_name = "FILE")]
        plot: Option<PathBuf>,
    },
    /// Measure what rust-analyzer makes of the workspace, and of the tree as it was built last.
    Analyze {
        /// The build.
        #[arg(long, value_enum, default_value = "um")]
        arch: Arch,
        /// Install rust-analyzer, where there is none.
        #[arg(long)]
        install: bool,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match dispatch(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &Arguments) -> Result<bool> {
    let workspace = workspace::Workspace::load()?;
    let shop = commands::Shop::new(&workspace, arguments.tree.as_deref());
    match &arguments.command {
        Command::Boot {
            arch,
            cycles,
            only,
            tables,
        } => shop.boot(*arch, *cycles, only, *tables),
        Command::Test { host, only } => shop.test(*host, only),
        Command::Dropin { format } => shop.dropin(*format),
        Command::Interface { reference, verbose } => shop.interface(reference.as_deref(), *verbose),
        Command::Api { accept, package } => {
            println!("{}", api::check(&workspace, package, *accept)?);
            Ok(true)
        }
        Command::Semver { fix } => {
            let check = if *fix { semver::fix } else { semver::check };
            println!("{}", check(&workspace)?);
            Ok(true)
        }
        Command::Release { dry_run } => {
            println!("{}", release::release(&workspace, *dry_run)?);
            Ok(true)
        }
        Command::Bindings { check } => shop.bindings(*check),
        Command::Layers => {
            println!("{}", layers::check(&workspace)?);
            Ok(true)
        }
        Command::PanicScreen => {
            println!("{}", shop.panic_screen()?);
            Ok(true)
        }
        Command::Scaffolds { host } => {
            println!("{}", shop.scaffolds(*host)?);
            Ok(true)
        }
        Command::Graph => {
            print!("{}", mirror::Graph::new(&workspace.metadata).svg());
            Ok(true)
        }
        Command::Stats => {
            print!("{}", stats::report(&workspace)?);
            Ok(true)
        }
        Command::Bench { what, format, plot } => shop.bench(*what, *format, plot.as_deref()),
        Command::Analyze { arch, install } => {
            let analyzer = analyze::find(&workspace, *install)?;
            let out = workspace.kernel_dir().join(arch.name());
            analyze::report(&workspace, &analyzer, &out)
        }
    }
}
