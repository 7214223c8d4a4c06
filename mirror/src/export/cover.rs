// SPDX-License-Identifier: GPL-2.0

//! The letter that comes before the patches.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::history::{Change, History, Snapshot};
use super::ExportOptions;
use crate::error::count;
use crate::tree::{Tree, SUPPORTED};

/// Above this, a title does not name all subsystems.
const NAMED: usize = 3;

/// The letter: its title, an empty line, and the text. Git adds the lists of patches and files.
pub(super) fn letter(
    history: &History,
    changes: &[&Change],
    tree: Option<&Tree>,
    options: &ExportOptions,
) -> String {
    let mut text = format!("{}\n\n", title(changes, options));
    if let Some(blurb) = &options.blurb {
        let _ = writeln!(text, "{}\n", blurb.trim());
    }
    let touched: BTreeSet<&str> = changes
        .iter()
        .flat_map(|change| &change.topic.crates)
        .map(String::as_str)
        .collect();
    let (before, after) = (versions(&history.before), versions(&history.after));
    let _ = writeln!(text, "What changes, of the crates in rust/:\n");
    for name in &touched {
        let _ = match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) if old == new => writeln!(text, "  {name} {new}"),
            (Some(old), Some(new)) => writeln!(text, "  {name} {old} -> {new}"),
            (None, Some(new)) => writeln!(text, "  {name} {new} (new)"),
            (Some(old), None) => writeln!(text, "  {name} {old} (removed)"),
            (None, None) => Ok(()),
        };
    }
    let kernel = match tree {
        Some(tree) => tree.version().to_string(),
        None => SUPPORTED.to_owned(),
    };
    let others = before.iter().filter(|(name, _)| !touched.contains(*name));
    let _ = writeln!(
        text,
        "\nThe patches apply to Linux {kernel},\nwith the crates as of {}.{}",
        history.since,
        match before.len()
            - touched
                .iter()
                .filter(|name| before.contains_key(*name))
                .count()
        {
            0 => "",
            _ => " The others there are:\n",
        }
    );
    for (name, version) in others {
        let _ = writeln!(text, "  {name} {version}");
    }
    text
}

/// The letter's subject.
pub(super) fn title(changes: &[&Change], options: &ExportOptions) -> String {
    if let Some(title) = &options.title {
        return title.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let topics: BTreeSet<&str> = changes.iter().flat_map(|c| c.topic.subsystems()).collect();
    let names: Vec<&str> = topics.into_iter().collect();
    match names.as_slice() {
        [] => "rust: changes".to_owned(),
        [name] => format!("rust: changes to {name}"),
        [first @ .., last] if names.len() <= NAMED => {
            format!("rust: changes to {} and {last}", first.join(", "))
        }
        _ => format!("rust: changes to {}", count(names.len(), "subsystem")),
    }
}

fn versions(snapshot: &Snapshot) -> BTreeMap<&str, &str> {
    let packages = snapshot.packages.iter();
    packages
        .map(|package| (package.name.as_str(), package.version.as_str()))
        .collect()
}
