// SPDX-License-Identifier: GPL-2.0

//! `mirror lint`.

use std::fmt::Write as _;
use std::path::PathBuf;

use mirror::{Finding, Tree};
use serde_json::json;

use super::Format;
use crate::{Cli, Outcome, DIFFERS};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A kernel tree, whose Kconfig files say which options there are
    #[arg(long)]
    tree: Option<PathBuf>,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(cli: &Cli, arguments: &Arguments) -> Outcome {
    let tree = arguments.tree.as_deref().map(Tree::open).transpose()?;
    let findings = mirror::lint(&cli.load()?, tree.as_ref())?;
    let text = match arguments.format {
        Format::Text => text(&findings),
        Format::Json => format!("{:#}\n", json!({ "form": 1, "findings": findings })),
    };
    Ok((text, if findings.is_empty() { 0 } else { DIFFERS }))
}

fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let _ = writeln!(
            text,
            "{}:{}: {}\n    {}",
            finding.path.display(),
            finding.line,
            finding.what,
            finding.advice
        );
    }
    let _ = match findings.len() {
        0 => writeln!(text, "no findings"),
        1 => writeln!(text, "1 finding"),
        n => writeln!(text, "{n} findings"),
    };
    text
}
