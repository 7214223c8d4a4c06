// SPDX-License-Identifier: GPL-2.0

//! `mirror new`.

use std::fmt::Write as _;
use std::path::Path;

use clap::Subcommand;
use mirror::{Disk, Made, Name, Scaffold, ScaffoldKind};

use crate::{Cli, Outcome};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make an abstraction crate, `kernel-NAME`, with the module `kernel::NAME`
    Subsystem {
        #[command(flatten)]
        common: Common,
        /// The crates that it builds on [default: kernel-core]
        #[arg(long, value_name = "CRATE", value_delimiter = ',')]
        depends: Vec<String>,
    },
    /// Make a kernel module, `drivers/NAME`
    Driver {
        #[command(flatten)]
        common: Common,
        /// The features of `kernel` that it uses
        #[arg(long, value_name = "FEATURE", value_delimiter = ',')]
        subsystems: Vec<String>,
    },
}

#[derive(clap::Args)]
struct Common {
    /// Words of small letters and digits, joined by dashes
    name: Name,
    /// Who looks after it, `Name <address>` [default: whoever looks after the crate `kernel`]
    #[arg(long, value_name = "PERSON", value_parser = mirror::maintainer)]
    maintainer: Vec<String>,
    /// Say what would be made and edited, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let (common, kind) = match &arguments.what {
        What::Subsystem { common, depends } => {
            let depends = depends.clone();
            (common, ScaffoldKind::Subsystem { depends })
        }
        What::Driver { common, subsystems } => {
            let subsystems = subsystems.clone();
            (common, ScaffoldKind::Driver { subsystems })
        }
    };
    let mut scaffold = Scaffold::new(common.name.clone(), kind);
    scaffold.maintainers.clone_from(&common.maintainer);
    let dir = cli.workspace.as_deref().unwrap_or(Path::new("."));
    let made = scaffold.make(dir, &Disk::new(), common.dry_run)?;
    Ok((report(&made, common.dry_run), 0))
}

fn report(made: &Made, dry_run: bool) -> String {
    let mut text = String::new();
    let Made {
        package, folder, ..
    } = made;
    for path in &made.made {
        let _ = writeln!(text, "+ {folder}/{path}");
    }
    for path in &made.edited {
        let _ = writeln!(text, "~ {path}");
    }
    for path in &made.outdated {
        let _ = writeln!(text, "! {path}: out of date, see `mirror ide`");
    }
    let (files, edited) = (made.made.len(), made.edited.len());
    let _ = match dry_run {
        _ if files + edited == 0 => writeln!(text, "nothing to do: {package} is there"),
        true => writeln!(text, "would make {files}, edit {edited}: {package}"),
        false => writeln!(
            text,
            "made {files}, edited {edited}: {package}\n\
             next: `cargo test -p {package}`, and then the sample becomes yours in {folder}"
        ),
    };
    text
}
