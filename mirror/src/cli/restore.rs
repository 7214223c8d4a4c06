// SPDX-License-Identifier: GPL-2.0

//! `mirror restore`.

use std::path::PathBuf;

use mirror::Tree;

use super::{report, Change};
use crate::Outcome;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The top folder of the kernel's sources
    tree: PathBuf,
    #[command(flatten)]
    change: Change,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let tree = Tree::open(&arguments.tree)?;
    let changes = mirror::restore(&tree, arguments.change.options())?;
    Ok((report::change(&tree, &changes, &arguments.change), 0))
}
