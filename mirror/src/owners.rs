// SPDX-License-Identifier: GPL-2.0

//! `mirror owners`: the workspace's CODEOWNERS, from the crates' manifests.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::disk::{read, Disk};
use crate::error::Result;
use crate::workspace::{address, Workspace};

/// The file's name, at the workspace's top.
pub const CODEOWNERS: &str = "CODEOWNERS";

pub(crate) const HEADING: &str = "\
# SPDX-License-Identifier: GPL-2.0
# Made by `mirror owners --write` from the crates' manifests.
";

/// What CODEOWNERS has to say: who looks after each crate, and the facade's maintainers after all
/// else.
pub fn codeowners(workspace: &Workspace) -> String {
    let mut text = HEADING.to_owned();
    let mut line = |pattern: &str, maintainers: &[String]| {
        let addresses: Vec<_> = maintainers.iter().filter_map(|who| address(who)).collect();
        if !addresses.is_empty() {
            let _ = writeln!(text, "{pattern} {}", addresses.join(" "));
        }
    };
    // The last line that matches a file counts.
    if let Some(facade) = workspace.facade() {
        line("*", &facade.maintainers);
    }
    let crates: BTreeMap<String, &[String]> = workspace
        .packages
        .iter()
        .filter_map(|package| {
            let folder = package.root.strip_prefix(&workspace.root).ok()?;
            let folder = folder.to_string_lossy().replace(' ', "\\ ");
            (!folder.is_empty()).then_some((folder, &*package.maintainers))
        })
        .collect();
    for (folder, maintainers) in crates {
        line(&format!("/{folder}/"), maintainers);
    }
    text
}

/// Whether the workspace's CODEOWNERS says just that.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io) when it cannot be read.
pub fn owners_in_step(workspace: &Workspace) -> Result<bool> {
    let now = read(&workspace.root.join(CODEOWNERS))?;
    Ok(now.as_deref() == Some(codeowners(workspace).as_bytes()))
}

/// Writes the workspace's CODEOWNERS.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io); the file is then what it was.
pub fn write_owners(workspace: &Workspace, disk: &Disk) -> Result<()> {
    let draft = workspace.root.join(".CODEOWNERS.new");
    let text = codeowners(workspace);
    disk.write(&draft, text.as_bytes(), 0o644)?;
    disk.sync(&draft)?;
    disk.rename(&draft, &workspace.root.join(CODEOWNERS))
        .inspect_err(|_| {
            let _ = disk.remove(&draft);
        })
}
