// SPDX-License-Identifier: GPL-2.0

//! Mirroring shown on the real tree: the bytes that arrive, the second run that has nothing to do,
//! and the way back.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{ensure, Context, Result};
use mirror::{Flat, Options, Origin, State, Tree};
use walkdir::WalkDir;

use crate::commands::with_hint;
use crate::run::output;
use crate::workspace::Workspace;

/// What of a kernel tree mirror looks at.
const PARTS: &[&str] = &["Makefile", "Kbuild", "MAINTAINERS", "rust"];

/// Takes a copy of `source`'s Rust part there and back, and tells what was seen.
pub(crate) fn check(workspace: &Workspace, source: &Path) -> Result<String> {
    let copy = workspace.kernel_dir().join("round-trip");
    let _ = fs::remove_dir_all(&copy);
    copy_parts(source, &copy)?;
    let flat = mirror::flatten(&mirror::Workspace::load(&workspace.root)?).map_err(with_hint)?;
    let tree = Tree::open(&copy).map_err(with_hint)?;
    let options = Options::default;

    mirror::restore(&tree, options()).map_err(with_hint)?;
    let pristine = digest(&copy)?;
    let applied = mirror::apply(&flat, &tree, options()).map_err(with_hint)?;
    let copied = same_bytes(&flat, &copy)?;
    ensure!(
        matches!(mirror::check(&flat, &tree).map_err(with_hint)?, State::Applied(ref d) if d.is_empty()),
        "check finds differences right after apply"
    );
    let again = mirror::apply(&flat, &tree, options()).map_err(with_hint)?;
    ensure!(
        again.written.is_empty() && again.removed.is_empty(),
        "the second apply wrote {} files and removed {}",
        again.written.len(),
        again.removed.len()
    );
    mirror::restore(&tree, options()).map_err(with_hint)?;
    let restored = digest(&copy)?;
    ensure!(
        pristine == restored,
        "restore gave {restored} and not the pristine tree's {pristine}"
    );
    fs::remove_dir_all(&copy)?;
    Ok(format!(
        "{} files written, {copied} byte-identical to their sources and the others generated; the second \
         apply wrote 0; restored to digest {}",
        applied.written.len(),
        &restored[..16]
    ))
}

/// Copies what mirror looks at to the folder `to`, which is not there yet.
pub(crate) fn copy_parts(source: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for part in PARTS {
        let part = source.join(part);
        output(Command::new("cp").arg("-a").arg(part).arg(to))?;
    }
    Ok(())
}

/// How many files came unchanged from a crate; an error when one did change.
fn same_bytes(flat: &Flat, tree: &Path) -> Result<usize> {
    let mut count = 0;
    for (path, file) in &flat.files {
        if let Origin::Copied { source, .. } = file.origin() {
            let here = fs::read(source).with_context(|| source.display().to_string())?;
            let there = fs::read(tree.join(path)).with_context(|| path.clone())?;
            ensure!(
                here == there,
                "{path} is not the same as {}",
                source.display()
            );
            count += 1;
        }
    }
    Ok(count)
}

/// One digest over every file's path and bytes.
fn digest(tree: &Path) -> Result<String> {
    let mut all = Vec::new();
    for entry in WalkDir::new(tree).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(tree)?;
            let bytes = fs::read(entry.path())?;
            let line = format!(
                "{} {}\n",
                mirror::Digest::of(&bytes).as_str(),
                path.display()
            );
            all.extend_from_slice(line.as_bytes());
        }
    }
    Ok(mirror::Digest::of(&all).as_str().to_owned())
}
