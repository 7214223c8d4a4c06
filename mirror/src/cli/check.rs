// SPDX-License-Identifier: GPL-2.0

//! `mirror check`.

use std::path::PathBuf;

use mirror::{Selection, Tree};

use super::{report, Format};
use crate::{Cli, Outcome, DIFFERS};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The top folder of the kernel's sources
    tree: PathBuf,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let tree = Tree::open(&arguments.tree)?;
    let flat = cli.select(&tree, &Selection::default())?;
    let state = mirror::check(&flat, &tree)?;
    let text = match arguments.format {
        Format::Text => report::check(&tree, &state) + &report::left_out(&flat),
        Format::Json => report::check_json(&tree, &state, &flat),
    };
    Ok((text, if state.is_in_step() { 0 } else { DIFFERS }))
}
