// SPDX-License-Identifier: GPL-2.0

//! `mirror diff`.

use std::path::PathBuf;

use mirror::{Direction, Selection, Tree};

use crate::{Cli, Outcome, DIFFERS};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The top folder of the kernel's sources
    tree: PathBuf,
    /// Print the opposite patch: the edits made in the tree
    #[arg(long, short = 'R')]
    reverse: bool,
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let tree = Tree::open(&arguments.tree)?;
    let flat = cli.select(&tree, &Selection::default())?;
    let direction = match arguments.reverse {
        false => Direction::ToWorkspace,
        true => Direction::ToTree,
    };
    let patch = mirror::diff(&flat, &tree, direction)?;
    let status = if patch.is_empty() { 0 } else { DIFFERS };
    Ok((patch, status))
}
