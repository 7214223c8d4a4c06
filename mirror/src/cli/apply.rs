// SPDX-License-Identifier: GPL-2.0

//! `mirror apply`.

use std::path::PathBuf;

use mirror::{Selection, Tree};

use super::{report, Change};
use crate::{Cli, Outcome};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The top folder of the kernel's sources
    tree: PathBuf,
    /// Leave this crate out of the tree, and all that depend on it, from now on
    #[arg(long, value_name = "CRATE")]
    without: Vec<String>,
    /// Take back in this crate, which was left out
    #[arg(long, value_name = "CRATE")]
    with: Vec<String>,
    /// Take back in all that was left out
    #[arg(long)]
    with_all: bool,
    #[command(flatten)]
    change: Change,
}

impl Arguments {
    fn selection(&self) -> Selection {
        let mut selection = Selection::default();
        selection.without.extend(self.without.iter().cloned());
        selection.with.extend(self.with.iter().cloned());
        selection.with_all = self.with_all;
        selection
    }
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let tree = Tree::open(&arguments.tree)?;
    let flat = cli.select(&tree, &arguments.selection())?;
    let changes = mirror::apply(&flat, &tree, arguments.change.options())?;
    let mut text = report::change(&tree, &changes, &arguments.change);
    text.push_str(&report::left_out(&flat));
    Ok((text, 0))
}
