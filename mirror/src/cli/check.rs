// SPDX-License-Identifier: GPL-2.0

//! `mirror check`.

use std::path::PathBuf;

use mirror::{Kind, Selection, Tree};
use serde_json::json;

use super::{report, Format};
use crate::{fail, Cli, Outcome, DIFFERS};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The top folders of the kernels' sources
    #[arg(required = true)]
    tree: Vec<PathBuf>,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    // Arguments that make no sense come before whatever the workspace has to say.
    let trees = arguments.tree.iter().map(|path| (path, Tree::open(path)));
    let trees: Vec<_> = trees.collect();
    let workspace = match trees.iter().any(|(_, tree)| tree.is_ok()) {
        true => Some(cli.load()?),
        false => None,
    };
    let (mut failure, mut differs) = (0, false);
    let mut text = String::new();
    let mut objects = Vec::new();
    for (path, tree) in trees {
        let state = tree.and_then(|tree| match &workspace {
            Some(workspace) => {
                let flat = mirror::select(workspace, &tree, &Selection::default())?;
                let state = mirror::check(&flat, &tree)?;
                Ok(Some((tree, flat, state)))
            }
            None => Ok(None),
        });
        match state {
            Ok(Some((tree, flat, state))) => {
                differs |= !state.is_in_step();
                text += &report::check(&tree, &state);
                text += &report::left_out(&flat);
                objects.push(report::check_json(&tree, &state, &flat));
            }
            Ok(None) => {}
            // It would be the same with the next tree.
            Err(error) if error.kind() == Kind::Workspace => return Err(error),
            Err(error) => {
                fail(&error, &mut failure);
                objects.push(report::check_json_error(path, &error));
            }
        }
    }
    let status = match failure {
        0 if differs => DIFFERS,
        failure => failure,
    };
    let text = match arguments.format {
        Format::Text => text,
        Format::Json => {
            let value = json!({ "form": 2, "in_step": status == 0, "trees": objects });
            format!("{value:#}\n")
        }
    };
    Ok((text, status))
}
