// SPDX-License-Identifier: GPL-2.0

//! The command: arguments in, a report and an exit status out. Everything else is in the library.

mod report;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use mirror::{Direction, Error, Flat, Kind, Options, Tree, Workspace};

/// The statuses other than success; 2 is clap's, for wrong arguments.
const DIFFERS: u8 = 1;
const TREE: u8 = 3;
const EDITS: u8 = 4;
const IO: u8 = 5;
const BUSY: u8 = 6;
const WORKSPACE: u8 = 7;

const STATUSES: &str = "\
Exit status:
  0  done, or in step
  1  check and diff: the tree and the workspace differ
  2  wrong arguments
  3  not a kernel tree, a release that is not supported, or a state of it that stands in the way
  4  files edited in the tree are in the way
  5  a file operation failed
  6  another mirror is at work in the tree
  7  the workspace, or a crate in it, is not as it should be

Unless the message says `interrupted half-way`, a command that fails leaves the tree as it was.";

/// Puts this workspace's crates into a Linux kernel tree, checks them there, and takes them out again.
#[derive(Parser)]
#[command(version, after_help = STATUSES, propagate_version = true)]
struct Cli {
    /// Any folder of the workspace [default: the current one]
    #[arg(long, global = true, value_name = "DIR")]
    workspace: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Put the crates into a tree, or bring those in it up to date
    ///
    /// Writes only files that change, and all or nothing, whatever ends it. What was in the tree
    /// before the first time is kept there, for `restore`.
    #[command(after_help = STATUSES)]
    Apply(Change),
    /// Say how a tree and the workspace differ
    #[command(after_help = STATUSES)]
    Check {
        /// The top folder of the kernel's sources
        tree: PathBuf,
        /// How to say it
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Print what `apply` would change, as a patch
    #[command(after_help = STATUSES)]
    Diff {
        /// The top folder of the kernel's sources
        tree: PathBuf,
        /// Print the opposite patch: the edits made in the tree
        #[arg(long, short = 'R')]
        reverse: bool,
    },
    /// Make a tree what it was before the first `apply`
    #[command(after_help = STATUSES)]
    Restore(Change),
}

#[derive(Args)]
struct Change {
    /// The top folder of the kernel's sources
    tree: PathBuf,
    /// Overwrite files edited in the tree; copies of them are kept, and their place is named
    #[arg(long)]
    overwrite_edits: bool,
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Name each file
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line for each file that differs
    Text,
    /// An object, for scripts
    Json,
}

impl Change {
    fn options(&self) -> Options {
        Options {
            overwrite_edits: self.overwrite_edits,
            dry_run: self.dry_run,
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok((text, status)) => {
            // Whoever closed the pipe has read enough.
            let _ = std::io::stdout().write_all(text.as_bytes());
            ExitCode::from(status)
        }
        Err(error) => {
            eprint!("{}", report::error(&error));
            ExitCode::from(match error.kind() {
                Kind::Tree => TREE,
                Kind::Edits => EDITS,
                Kind::Io => IO,
                Kind::Busy => BUSY,
                Kind::Workspace => WORKSPACE,
                _ => IO,
            })
        }
    }
}

fn run(cli: &Cli) -> Result<(String, u8), Error> {
    match &cli.command {
        Command::Apply(change) => {
            let tree = Tree::open(&change.tree)?;
            let flat = flatten(cli.workspace.as_deref())?;
            let changes = mirror::apply(&flat, &tree, change.options())?;
            Ok((
                report::change(&tree, &changes, change.dry_run, change.verbose),
                0,
            ))
        }
        Command::Check { tree, format } => {
            let tree = Tree::open(tree)?;
            let flat = flatten(cli.workspace.as_deref())?;
            let state = mirror::check(&flat, &tree)?;
            let text = match format {
                Format::Text => report::check(&tree, &state),
                Format::Json => report::check_json(&tree, &state),
            };
            Ok((text, if state.is_in_step() { 0 } else { DIFFERS }))
        }
        Command::Diff { tree, reverse } => {
            let tree = Tree::open(tree)?;
            let flat = flatten(cli.workspace.as_deref())?;
            let direction = match reverse {
                false => Direction::ToWorkspace,
                true => Direction::ToTree,
            };
            let patch = mirror::diff(&flat, &tree, direction)?;
            let status = if patch.is_empty() { 0 } else { DIFFERS };
            Ok((patch, status))
        }
        Command::Restore(change) => {
            let tree = Tree::open(&change.tree)?;
            let changes = mirror::restore(&tree, change.options())?;
            Ok((
                report::change(&tree, &changes, change.dry_run, change.verbose),
                0,
            ))
        }
    }
}

fn flatten(workspace: Option<&Path>) -> Result<Flat, Error> {
    let workspace = Workspace::load(workspace.unwrap_or(Path::new(".")))?;
    mirror::flatten(&workspace)
}
