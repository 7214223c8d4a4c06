// SPDX-License-Identifier: GPL-2.0

//! The commands, one file each: its arguments, and what it says.

pub(crate) mod apply;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod export;
pub(crate) mod ide;
pub(crate) mod import;
pub(crate) mod lint;
pub(crate) mod new;
pub(crate) mod owners;
pub(crate) mod report;
pub(crate) mod restore;

use std::path::PathBuf;

use clap::ValueEnum;
use mirror::{Error, Options, Tree};

/// What the commands that change a tree have in common.
#[derive(clap::Args)]
pub(crate) struct Change {
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

impl Change {
    fn options(&self) -> Options {
        Options {
            overwrite_edits: self.overwrite_edits,
            dry_run: self.dry_run,
            ..Options::default()
        }
    }
}

/// The trees at `paths`, each once.
fn open_all(paths: &[PathBuf]) -> Result<Vec<Tree>, Error> {
    let mut trees: Vec<Tree> = Vec::new();
    for path in paths {
        let tree = Tree::open(path)?;
        if trees.iter().all(|other| other.root() != tree.root()) {
            trees.push(tree);
        }
    }
    Ok(trees)
}

/// How a command says what it found.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// Lines for people
    Text,
    /// An object, for scripts
    Json,
}
