// SPDX-License-Identifier: GPL-2.0

//! `mirror apply`.

use std::path::PathBuf;

use mirror::{Error, Job, Kind, Options, Selection, Tree, Workspace};

use super::{open_all, report, Change};
use crate::{fail, Cli, Outcome, DIFFERS};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The top folders of the kernels' sources
    #[arg(required = true)]
    tree: Vec<PathBuf>,
    /// Leave this crate out of the trees, and all that depend on it, from now on
    #[arg(long, value_name = "CRATE")]
    without: Vec<String>,
    /// Take back in this crate, which was left out
    #[arg(long, value_name = "CRATE")]
    with: Vec<String>,
    /// Take back in all that was left out
    #[arg(long)]
    with_all: bool,
    /// Move this crate alone, to a version, a revision, or what the workspace has; others stay
    #[arg(
        long,
        value_name = "CRATE[@VERSION|@REVISION]",
        conflicts_with_all = ["without", "with", "with_all"]
    )]
    package: Vec<String>,
    #[command(flatten)]
    change: Change,
    /// Put what cannot be merged into the files, both sides between conflict markers
    #[arg(long, conflicts_with = "overwrite_edits")]
    conflict_markers: bool,
}

impl Arguments {
    fn selection(&self) -> Result<Selection, Error> {
        let mut selection = Selection::default();
        selection.without.extend(self.without.iter().cloned());
        selection.with.extend(self.with.iter().cloned());
        selection.with_all = self.with_all;
        for package in &self.package {
            selection.add_package(package)?;
        }
        Ok(selection)
    }
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let selection = arguments.selection()?;
    let trees = open_all(&arguments.tree)?;
    let workspace = cli.load()?;
    let options = Options {
        conflict_markers: arguments.conflict_markers,
        ..arguments.change.options()
    };
    let mut status = 0;
    let mut text = String::new();
    let jobs = select_all(&workspace, trees, &selection);
    match jobs.and_then(|jobs| Ok((mirror::apply_all(&jobs, options)?, jobs))) {
        Err(errors) => {
            for error in &errors {
                fail(error, &mut status);
            }
            if arguments.tree.len() > errors.len() {
                eprintln!("none of the trees is changed");
            }
        }
        Ok((results, jobs)) => {
            for (job, result) in jobs.iter().zip(results) {
                match result {
                    Ok(changes) => {
                        text += &report::change(&job.tree, &changes, &arguments.change);
                        text += &report::left_out(&job.flat);
                        if status == 0 && !options.dry_run && !changes.conflicts.is_empty() {
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

/// What belongs in each tree.
fn select_all(
    workspace: &Workspace,
    trees: Vec<Tree>,
    selection: &Selection,
) -> Result<Vec<Job>, Vec<Error>> {
    let (mut jobs, mut errors) = (Vec::new(), Vec::new());
    for tree in trees {
        match mirror::select(workspace, &tree, selection) {
            Ok(flat) => jobs.push(Job { tree, flat }),
            Err(error) => {
                let is_general = matches!(error.kind(), Kind::Workspace | Kind::Arguments);
                errors.push(error);
                if is_general {
                    // It would be the same with the next tree.
                    break;
                }
            }
        }
    }
    match errors.is_empty() {
        true => Ok(jobs),
        false => Err(errors),
    }
}
