// SPDX-License-Identifier: GPL-2.0

//! `mirror owners`.

use mirror::{Disk, CODEOWNERS};

use crate::{Cli, Outcome, DIFFERS};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Compare it with the file, instead of printing it
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Write the file
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let workspace = cli.load()?;
    if !arguments.check && !arguments.write {
        return Ok((mirror::codeowners(&workspace), 0));
    }
    let path = workspace.root.join(CODEOWNERS);
    let is_there = mirror::owners_in_step(&workspace)?;
    if arguments.write {
        let text = match is_there {
            true => format!("nothing to do: {}\n", path.display()),
            false => {
                mirror::write_owners(&workspace, &Disk::new())?;
                format!("wrote {}\n", path.display())
            }
        };
        return Ok((text, 0));
    }
    Ok(match is_there {
        true => (format!("in step: {}\n", path.display()), 0),
        false => {
            let path = path.display();
            let hint = "hint: `mirror owners --write` makes it anew";
            (format!("out of date: {path}\n{hint}\n"), DIFFERS)
        }
    })
}
