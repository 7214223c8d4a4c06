// SPDX-License-Identifier: GPL-2.0

//! `mirror apply`.

use std::path::PathBuf;

use mirror::Options;

use super::{open_all, report, Change};
use crate::{fail, Cli, Outcome, DIFFERS};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The top folders of the kernels' sources
    #[arg(required = true)]
    tree: Vec<PathBuf>,
    #[command(flatten)]
    change: Change,
    /// Put what cannot be merged into the files, both sides between conflict markers
    #[arg(long, conflicts_with = "overwrite_edits")]
    conflict_markers: bool,
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let trees = open_all(&arguments.tree)?;
    let flat = cli.flatten()?;
    let options = Options {
        conflict_markers: arguments.conflict_markers,
        ..arguments.change.options()
    };
    let mut status = 0;
    let mut text = String::new();
    match mirror::apply_all(&flat, &trees, options) {
        Err(errors) => {
            for error in &errors {
                fail(error, &mut status);
            }
            if trees.len() > errors.len() {
                eprintln!("none of the trees is changed");
            }
        }
        Ok(results) => {
            for (tree, result) in trees.iter().zip(results) {
                match result {
                    Ok(changes) => {
                        text += &report::change(tree, &changes, &arguments.change);
                        if status == 0 && !changes.conflicts.is_empty() {
                            status = DIFFERS;
                        }
                    }
                    Err(error) => fail(&error, &mut status),
                }
            }
        }
    }
    Ok((text, status))
}
