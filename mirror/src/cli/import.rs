// SPDX-License-Identifier: GPL-2.0

//! `mirror import`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::ArgGroup;
use mirror::{
    Error, Form, ImportOptions, ImportStep, Imported, Importer, Moved, Tree, What, Workspace,
};

use super::report;
use crate::{Cli, Outcome, SPLIT};

#[derive(clap::Args)]
#[command(group(ArgGroup::new("from").required(true).multiple(true).args(["tree", "patch", "mbox"])))]
pub(crate) struct Arguments {
    /// The top folder of the kernel's sources, which were edited
    #[arg(conflicts_with_all = ["patch", "mbox"])]
    tree: Option<PathBuf>,
    /// Import these commits of the tree's repository instead of its files: `A..B`
    #[arg(long, value_name = "RANGE", requires = "tree")]
    commits: Option<String>,
    /// Import a patch: a mail or an mbox, which become commits, or a plain diff; `-` is the input
    #[arg(long, value_name = "FILE", conflicts_with = "mbox")]
    patch: Option<PathBuf>,
    /// Import mails with patches, whatever the file looks like
    #[arg(long, value_name = "FILE")]
    mbox: Option<PathBuf>,
    /// Put a new file into this crate, where that is not decidable
    #[arg(long, value_name = "PATH=CRATE", value_parser = into)]
    into: Vec<(String, String)>,
    /// Leave a file of the tree out
    #[arg(long, value_name = "PATH")]
    exclude: Vec<String>,
    /// Leave out changes of files that are not of the crates
    #[arg(long)]
    skip_foreign: bool,
    /// Do not check the crates afterwards
    #[arg(long)]
    no_check: bool,
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Name what was left out, too
    #[arg(long, short)]
    verbose: bool,
}

fn into(text: &str) -> Result<(String, String), String> {
    let (path, package) = text.split_once('=').ok_or("wanted: PATH=CRATE")?;
    Ok((path.to_owned(), package.to_owned()))
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let workspace = cli.load()?;
    let options = ImportOptions {
        into: arguments.into.iter().cloned().collect::<BTreeMap<_, _>>(),
        exclude: arguments.exclude.iter().cloned().collect::<BTreeSet<_>>(),
        skip_foreign: arguments.skip_foreign,
        dry_run: arguments.dry_run,
    };
    let importer = Importer::new(&workspace, options);
    let imported = match (&arguments.tree, &arguments.patch, &arguments.mbox) {
        (Some(tree), ..) => {
            let tree = Tree::open(tree)?;
            match &arguments.commits {
                Some(range) => importer.commits(&tree, range)?,
                None => importer.tree(&tree)?,
            }
        }
        (_, Some(file), _) => importer.patch(&name(file), &read(file)?, Form::Any)?,
        (_, _, Some(file)) => importer.patch(&name(file), &read(file)?, Form::Mails)?,
        // The arguments have one of them.
        (None, None, None) => Imported::default(),
    };
    let mut text = say(&imported, arguments);
    if let (Some(tree), false, false) = (&arguments.tree, arguments.dry_run, imported.is_empty()) {
        let _ = writeln!(text, "`mirror apply {}` tells the tree", tree.display());
    }
    let checks = !arguments.no_check && !arguments.dry_run && !imported.is_empty();
    if !checks {
        return Ok((text, 0));
    }
    // What has happened is said before the compiler gets its time.
    print!("{text}");
    text.clear();
    let status = check(&workspace, &imported, &mut text)?;
    Ok((text, status))
}

fn check(workspace: &Workspace, imported: &Imported, text: &mut String) -> Result<u8, Error> {
    let breaches = mirror::compile(workspace, &imported.packages())?;
    if breaches.is_empty() {
        text.push_str("the crates check by themselves\n");
        return Ok(0);
    }
    text.push_str(&report::breaches(&breaches));
    Ok(SPLIT)
}

fn name(file: &Path) -> String {
    match file == Path::new("-") {
        true => "standard input".to_owned(),
        false => file.display().to_string(),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    bytes.map_err(|source| Error::Io {
        action: "read",
        path: file.to_owned(),
        source,
    })
}

fn say(imported: &Imported, arguments: &Arguments) -> String {
    let mut text = String::new();
    for step in &imported.steps {
        if let Some(subject) = &step.subject {
            let id = step.commit.as_deref().and_then(|id| id.get(..12));
            let _ = writeln!(text, "{} {subject}", id.unwrap_or("-"));
        }
        if let Some(why) = step.skipped.filter(|_| step.subject.is_some()) {
            let _ = writeln!(text, "  skipped: {why}");
        }
        for file in &step.files {
            let _ = writeln!(text, "  {}", line(file));
        }
        left_out(step, arguments.verbose, &mut text);
    }
    let packages: Vec<_> = imported.packages().into_iter().collect();
    let packages = packages.join(", ");
    let verb = if arguments.dry_run {
        "would import"
    } else {
        "imported"
    };
    let made = imported
        .steps
        .iter()
        .filter(|step| step.commit.is_some())
        .count();
    let _ = match (imported.is_empty(), imported.as_commits, &imported.branch) {
        (true, ..) => writeln!(text, "nothing to import"),
        (_, false, _) => writeln!(
            text,
            "{verb} {} into {packages}",
            count(imported.files().count(), "change")
        ),
        (_, true, Some(branch)) => writeln!(
            text,
            "{verb} {} into {packages}, on {branch}",
            count(made, "commit")
        ),
        (_, true, None) => {
            writeln!(
                text,
                "{verb} {} into {packages}, on no branch",
                count(made, "commit")
            )
        }
    };
    text
}

fn left_out(step: &ImportStep, verbose: bool, text: &mut String) {
    if !step.left_out.is_empty() && step.skipped.is_none() {
        let _ = writeln!(text, "  left out: {}", step.left_out.join(", "));
    }
    if verbose && !step.ignored.is_empty() {
        let _ = writeln!(text, "  `apply` writes: {}", step.ignored.join(", "));
    }
}

fn line(file: &Moved) -> String {
    let Moved { source, path, .. } = file;
    match &file.what {
        What::Added => format!("A {source} ({path})"),
        What::Removed => format!("D {source} ({path})"),
        What::Renamed(from) => format!("R {from} -> {source} ({path})"),
        _ => format!("M {source} ({path})"),
    }
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
