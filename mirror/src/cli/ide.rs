// SPDX-License-Identifier: GPL-2.0

//! `mirror ide`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use mirror::ide::{Links, Project, State};
use mirror::{Disk, Tree};

use crate::{Cli, Outcome, DIFFERS};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A kernel tree, instead of the workspace: it has to be built
    #[arg(long, value_name = "DIR")]
    tree: Option<PathBuf>,
    /// The folder that the tree was built in (`make O=DIR`) [default: the tree]
    #[arg(long, value_name = "DIR", requires = "tree")]
    objtree: Option<PathBuf>,
    /// Say whether the file is up to date, and change nothing
    #[arg(long)]
    check: bool,
    /// Print what the file is to say, and write nothing
    #[arg(long, conflicts_with = "check")]
    print: bool,
    /// Overwrite a file that was edited, or that something else made; it is kept as
    /// `rust-project.json.old`
    #[arg(long, conflicts_with_all = ["check", "print"])]
    overwrite_edits: bool,
    /// The sources of the standard library [default: `$RUST_LIB_SRC`, or those of the toolchain]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["tree", "check", "print"])]
    library: Option<PathBuf>,
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let dir = cli.workspace.as_deref().unwrap_or(Path::new("."));
    let project = match &arguments.tree {
        Some(tree) => {
            let tree = Tree::open(tree)?;
            let objtree = arguments.objtree.as_deref().unwrap_or(tree.root());
            Project::of_tree(&tree, objtree)?
        }
        None => Project::of_workspace(dir)?,
    };
    if arguments.print {
        return Ok((project.text().to_owned(), 0));
    }
    let path = project.path.display();
    if arguments.check {
        let state = project.state()?;
        let words = match state {
            State::UpToDate => return Ok((format!("up to date: {path}\n"), 0)),
            State::Missing => "missing",
            State::OutOfDate => "out of date",
            State::Edited => "edited by hand",
            _ => "not made by mirror",
        };
        let overwrite = match state {
            State::Edited | State::Foreign => " --overwrite-edits",
            _ => "",
        };
        let command = &project.command;
        return Ok((
            format!("{words}: {path}\nhint: run `{command}{overwrite}`\n"),
            DIFFERS,
        ));
    }

    // Before Cargo is at work for minutes.
    project.may_write(arguments.overwrite_edits)?;
    let disk = Disk::new();
    let mut text = String::new();
    if arguments.tree.is_none() {
        // As for the kernel's build.
        let library = std::env::var_os("RUST_LIB_SRC").map(PathBuf::from);
        let library = arguments.library.clone().or(library);
        let made = Links::find(dir, library.as_deref())?.make(&disk)?;
        let _ = match made.changed {
            0 => writeln!(text, "{} links in target/mirror-ide", made.links),
            n => writeln!(
                text,
                "{} links in target/mirror-ide, {n} of them new",
                made.links
            ),
        };
        if !made.missing.is_empty() {
            let _ = writeln!(
                text,
                "not built, so that editors can't expand them: {}\n\
                 hint: see to what Cargo printed, and run `mirror ide` again",
                made.missing.join(", ")
            );
        }
    }
    let _ = match project.write(&disk, arguments.overwrite_edits)? {
        State::UpToDate => writeln!(text, "nothing to do: {path}"),
        _ => writeln!(text, "wrote {} crates: {path}", project.crates),
    };
    Ok((text, 0))
}
