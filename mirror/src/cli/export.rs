// SPDX-License-Identifier: GPL-2.0

//! `mirror export`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use mirror::{Disk, Error, ExportOptions, Fit, Series, Tree};

use crate::{Cli, Outcome, DIFFERS};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A kernel tree with the crates as they were before the series: says who gets the mails, and
    /// checks them
    tree: Option<PathBuf>,
    /// Begin after this commit
    #[arg(long, value_name = "REV")]
    since: String,
    /// End with this commit
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    to_revision: String,
    /// The folder for the mails; it must not be there yet, or be empty
    #[arg(long, short, value_name = "DIR", required_unless_present = "dry_run")]
    output: Option<PathBuf>,
    /// The version of the series: 2 for the second time it is sent, and so on
    #[arg(long, short = 'v', value_name = "N")]
    reroll_count: Option<u32>,
    /// The subject of the cover letter [default: names what is touched]
    #[arg(long, conflicts_with = "no_cover_letter")]
    title: Option<String>,
    /// A file with what the cover letter says first
    #[arg(long, value_name = "FILE", conflicts_with = "no_cover_letter")]
    blurb: Option<PathBuf>,
    /// Only the patches
    #[arg(long)]
    no_cover_letter: bool,
    /// Sign off each patch that you have not signed off yet
    #[arg(long)]
    signoff: bool,
    /// Do not run the tree's scripts/checkpatch.pl
    #[arg(long)]
    no_checkpatch: bool,
    /// Make and check the mails, and write none
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let dir = cli.workspace.as_deref().unwrap_or(Path::new("."));
    let tree = arguments.tree.as_deref().map(Tree::open).transpose()?;
    let output = match arguments.dry_run {
        true => None,
        false => arguments.output.as_deref(),
    };
    // What comes is of no use without it.
    output.map(mirror::check_free).transpose()?;
    let options = ExportOptions {
        to: arguments.to_revision.clone(),
        version: arguments.reroll_count,
        cover_letter: !arguments.no_cover_letter,
        title: arguments.title.clone(),
        blurb: arguments.blurb.as_deref().map(read).transpose()?,
        signoff: arguments.signoff,
        checkpatch: !arguments.no_checkpatch,
        ..ExportOptions::since(&*arguments.since)
    };
    let series = mirror::export(dir, tree.as_ref(), &options)?;
    let output = output.filter(|_| !series.mails.is_empty());
    if let Some(output) = output {
        series.write(&Disk::new(), output)?;
    }
    let status = if series.errors() > 0 { DIFFERS } else { 0 };
    Ok((report(&series, tree.as_ref(), output), status))
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })
}

fn report(series: &Series, tree: Option<&Tree>, output: Option<&Path>) -> String {
    let mut text = String::new();
    for mail in &series.mails {
        let _ = writeln!(text, "{}: {}", mail.name, mail.subject);
    }
    for (heading, people) in [("to", &series.recipients.to), ("cc", &series.recipients.cc)] {
        for who in people {
            let _ = writeln!(text, "{heading}: {who}");
        }
    }
    for skipped in &series.skipped {
        let _ = writeln!(
            text,
            "left out, changes nothing in a tree: {} {}",
            skipped.commit, skipped.subject
        );
    }
    if series.uncommitted {
        text.push_str("left out: what the workspace has and no commit has\n");
    }
    complaints(series, &mut text);
    let place = tree.map(|tree| format!("{} (Linux {})", tree.root().display(), tree.version()));
    if let (Some(place), Some(fit)) = (place, series.fit) {
        let _ = match fit {
            Fit::Applies => writeln!(text, "git am: applies: {place}"),
            Fit::Applied => writeln!(text, "git am: has been applied already: {place}"),
        };
    }
    let count = match series.mails.len() {
        1 => "1 mail".to_owned(),
        n => format!("{n} mails"),
    };
    let _ = match (output, series.mails.len()) {
        (_, 0) => writeln!(text, "nothing to export"),
        (Some(output), _) => writeln!(text, "wrote {count}: {}", output.display()),
        (None, _) => writeln!(text, "would write {count}"),
    };
    text
}

fn complaints(series: &Series, text: &mut String) {
    let Some(complaints) = &series.complaints else {
        return;
    };
    for complaint in complaints {
        let level = if complaint.is_error {
            "error"
        } else {
            "warning"
        };
        let _ = writeln!(
            text,
            "checkpatch: {}:{}: {level}: {}",
            complaint.mail, complaint.line, complaint.text
        );
    }
    let errors = series.errors();
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let warnings = complaints.len() - errors;
    let _ = writeln!(
        text,
        "checkpatch: {errors} error{}, {warnings} warning{}",
        plural(errors),
        plural(warnings)
    );
    if complaints.iter().any(|c| c.text.contains("Signed-off-by")) {
        text.push_str("hint: `--signoff` adds your sign-off to each patch\n");
    }
}
