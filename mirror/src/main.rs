// SPDX-License-Identifier: GPL-2.0

//! The command: arguments in, a report and an exit status out. Everything else is in the library.

mod cli;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mirror::{Error, Flat, Kind, Selection, Tree, Workspace};

/// The statuses other than success; 2 is clap's as well.
const DIFFERS: u8 = 1;
const ARGUMENTS: u8 = 2;
const TREE: u8 = 3;
const EDITS: u8 = 4;
const IO: u8 = 5;
const BUSY: u8 = 6;
const WORKSPACE: u8 = 7;
const GIT: u8 = 8;
const TOOL: u8 = 9;
const SPLIT: u8 = 10;
const IMPORT: u8 = 11;

const STATUSES: &str = "\
Exit status:
  0  done, or in step
  1  check and diff: the tree and the workspace differ; apply: conflict markers are left in files;
     export: checkpatch found errors; lint: there are findings;
     ide and owners --check: the file is out of date
  2  wrong arguments
  3  not a kernel tree, a release that is not supported, or a state of it that stands in the way
  4  files edited in the tree, or not committed in the workspace, are in the way or in conflict
  5  a file operation failed
  6  another mirror is at work in the tree
  7  the workspace, or a crate in it, is not as it should be
  8  git failed, or a repository is not as it should be
  9  ide: the Rust toolchain failed, or lacks something
  10 import: done, but the crates do not check by themselves
  11 import: the edits cannot be imported as they are

Unless the message says `interrupted half-way`, a command that fails leaves the tree as it was.";

/// What a command prints, and its exit status.
type Outcome = Result<(String, u8), Error>;

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
    /// Put the crates into trees, or bring those in them up to date
    ///
    /// Writes only files that change, and all or nothing, whatever ends it. What was in the tree
    /// before the first time is kept there, for `restore`. Edits made in the tree stay; where the
    /// workspace changed the same file, both are merged. If one of several trees refuses, none is
    /// changed.
    #[command(after_help = STATUSES)]
    Apply(cli::apply::Arguments),
    /// Say how trees and the workspace differ, and why
    #[command(after_help = STATUSES)]
    Check(cli::check::Arguments),
    /// Print how a tree and the workspace differ, as a patch
    #[command(after_help = STATUSES)]
    Diff(cli::diff::Arguments),
    /// Bring edits made in a tree back to the crates
    ///
    /// A tree's files go to the workspace's files; a tree's commits, and mails with patches, become
    /// commits with their authors, dates and messages. All or nothing: when anything cannot be
    /// imported, nothing is. Afterwards the crates that changed are checked, since a kernel tree,
    /// where they are one crate, takes what they cannot.
    #[command(after_help = STATUSES)]
    Import(cli::import::Arguments),
    /// Make a crate that works as it is: a subsystem or a driver
    ///
    /// It checks, documents, tests, mirrors, builds and boots without further edits, and is named
    /// wherever the workspace names its crates. Nothing that exists is overwritten; stopped half-way,
    /// the same command does the rest.
    #[command(after_help = STATUSES)]
    New(cli::new::Arguments),
    /// Tell rust-analyzer about the workspace, or about a tree
    ///
    /// Writes the `rust-project.json` at the top of the workspace, and links below `target/mirror-ide` to
    /// what it needs on this machine; or that of a built tree, into the folder it was built in.
    #[command(after_help = STATUSES)]
    Ide(cli::ide::Arguments),
    /// Find what Cargo accepts in the crates, and a tree would not
    #[command(after_help = STATUSES)]
    Lint(cli::lint::Arguments),
    /// Make mails of the workspace's commits: a series against a kernel tree
    ///
    /// Each commit becomes one patch of the files that it changes in a tree, for `git am`. With a
    /// tree, that one's scripts/get_maintainer.pl says who gets the mails, and its
    /// scripts/checkpatch.pl looks at them; nothing in it is changed.
    #[command(after_help = STATUSES)]
    Export(cli::export::Arguments),
    /// Print the workspace's CODEOWNERS, as the crates' manifests have it
    #[command(after_help = STATUSES)]
    Owners(cli::owners::Arguments),
    /// Make a tree what it was before the first `apply`
    #[command(after_help = STATUSES)]
    Restore(cli::restore::Arguments),
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
            let mut status = 0;
            fail(&error, &mut status);
            ExitCode::from(status)
        }
    }
}

/// Says what went wrong; `status` is that of the first error.
fn fail(error: &Error, status: &mut u8) {
    eprint!("{}", cli::report::error(error));
    if *status == 0 {
        *status = self::status(error.kind());
    }
}

fn status(kind: Kind) -> u8 {
    match kind {
        Kind::Tree => TREE,
        Kind::Edits => EDITS,
        Kind::Busy => BUSY,
        Kind::Workspace => WORKSPACE,
        Kind::Git => GIT,
        Kind::Import => IMPORT,
        Kind::Tool => TOOL,
        Kind::Arguments => ARGUMENTS,
        // Kind::Io, and whatever is added.
        _ => IO,
    }
}

fn run(cli: &Cli) -> Outcome {
    match &cli.command {
        Command::Apply(arguments) => cli::apply::run(cli, arguments),
        Command::Check(arguments) => cli::check::run(cli, arguments),
        Command::Diff(arguments) => cli::diff::run(cli, arguments),
        Command::Import(arguments) => cli::import::run(cli, arguments),
        Command::New(arguments) => cli::new::run(cli, arguments),
        Command::Ide(arguments) => cli::ide::run(cli, arguments),
        Command::Lint(arguments) => cli::lint::run(cli, arguments),
        Command::Export(arguments) => cli::export::run(cli, arguments),
        Command::Owners(arguments) => cli::owners::run(cli, arguments),
        Command::Restore(arguments) => cli::restore::run(arguments),
    }
}

impl Cli {
    /// The workspace that the command is about.
    fn load(&self) -> Result<Workspace, Error> {
        Workspace::load(self.workspace.as_deref().unwrap_or(Path::new(".")))
    }

    /// Its crates as the files of `tree`.
    fn select(&self, tree: &Tree, selection: &Selection) -> Result<Flat, Error> {
        mirror::select(&self.load()?, tree, selection)
    }
}
