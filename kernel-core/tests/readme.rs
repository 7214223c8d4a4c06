// SPDX-License-Identifier: GPL-2.0

//! The map of modules in README.md is complete, and names nothing else.

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn every_module_is_on_the_map() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path| fs::read_to_string(root.join(path)).unwrap();

    let lib = read("src/lib.rs");
    let modules: BTreeSet<_> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();

    let readme = read("README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let listed: BTreeSet<_> = rows
        .flat_map(|row| row.split('|').nth(1).unwrap_or_default().split(','))
        .map(|name| name.trim().trim_matches('`'))
        .collect();

    assert_eq!(listed, modules);
}
