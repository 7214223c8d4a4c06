// SPDX-License-Identifier: GPL-2.0

//! `mirror apply`.

use std::path::PathBuf;

use mirror::Tree;

use super::{report, Change};
use crate::{Cli, Outcome};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The top folder of the kernel's sources
    tree: PathBuf,
    #[command(flatten)]
    change: Change,
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let tree = Tree::open(&arguments.tree)?;
    let flat = cli.flatten()?;
    let changes = mirror::apply(&flat, &tree, arguments.change.options())?;
    Ok((report::change(&tree, &changes, &arguments.change), 0))
}
