// SPDX-License-Identifier: GPL-2.0

//! The crates' sections of a tree's MAINTAINERS, and all that is around them.

mod common;

use std::fs;

use common::{write, Sandbox, MAINTAINERS_FILE};
use mirror::{apply, check, flatten, owner, restore, Options, Region, State, MAINTAINERS};
use proptest::prelude::*;

#[test]
fn edits_around_them_stay() {
    let sandbox = Sandbox::with_maintainers();
    let path = sandbox.tree_path().join(MAINTAINERS);
    let (flat, tree) = (sandbox.flat(), sandbox.tree());
    apply(&flat, &tree, Options::default()).unwrap();
    let edit = |text: &str| {
        text.replace("RUST [ALLOC]", "RUST [ALIGN]\nS:\tOrphan\n\nRUST [ALLOC]")
            .replace("3C59X", "3C58X")
    };
    let applied = fs::read_to_string(&path).unwrap();
    fs::write(&path, edit(&applied)).unwrap();
    assert_eq!(check(&flat, &tree).unwrap(), State::Applied(Vec::new()));
    let changes = apply(&flat, &tree, Options::default()).unwrap();
    assert!(changes.is_empty(), "{changes}");
    assert_eq!(fs::read_to_string(&path).unwrap(), edit(&applied));
    restore(&tree, Options::default()).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), edit(MAINTAINERS_FILE));
}

#[test]
fn a_region_of_before_comes_back() {
    let sandbox = Sandbox::with_maintainers();
    let path = sandbox.tree_path().join(MAINTAINERS);
    let region = b"RUST CRATE OLD\nS:\tOrphan\nF:\trust/old/\n\n";
    let with = Region::splice(MAINTAINERS_FILE.as_bytes(), region).unwrap();
    fs::write(&path, &with).unwrap();
    let tree = sandbox.tree();
    apply(&sandbox.flat(), &tree, Options::default()).unwrap();
    assert!(!fs::read_to_string(&path).unwrap().contains("CRATE OLD"));
    restore(&tree, Options::default()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), with);
}

#[test]
fn a_tree_that_lost_its_lock_gives_them_back_all_the_same() {
    let sandbox = Sandbox::with_maintainers();
    let tree = sandbox.tree();
    apply(&sandbox.flat(), &tree, Options::default()).unwrap();
    fs::remove_file(tree.path(mirror::LOCK)).unwrap();
    let options = Options {
        overwrite_edits: true,
        ..Options::default()
    };
    restore(&tree, options).unwrap();
    let path = sandbox.tree_path().join(MAINTAINERS);
    assert_eq!(fs::read_to_string(path).unwrap(), MAINTAINERS_FILE);
}

#[test]
fn each_file_has_its_crate_and_no_other() {
    let sandbox = Sandbox::new();
    let crates = sandbox.workspace_path();
    write(&crates.join("kernel-core/src/shared/a.rs"), "// a\n");
    write(&crates.join("kernel-core/src/shared/deep/c.rs"), "// c\n");
    write(&crates.join("kernel-sync/src/shared/b.rs"), "// b\n");
    let workspace = common::workspace(&crates);
    let flat = flatten(&workspace).unwrap();
    let text = String::from_utf8(flat.files[MAINTAINERS].bytes().to_vec()).unwrap();
    let sections: Vec<(&str, Vec<&str>)> = text
        .split_terminator("\n\n")
        .map(|section| {
            let name = section.lines().next().unwrap();
            let patterns = section.lines().filter_map(|line| line.strip_prefix("F:\t"));
            (
                name.strip_prefix("RUST CRATE ").unwrap(),
                patterns.collect(),
            )
        })
        .collect();
    for path in flat.files.keys().filter(|path| *path != MAINTAINERS) {
        // As the kernel's script has it: a folder stands for all that is below it.
        let matches = |pattern: &&str| match pattern.ends_with('/') {
            true => path.starts_with(pattern),
            false => path == pattern,
        };
        let names: Vec<_> = sections
            .iter()
            .filter(|(_, patterns)| patterns.iter().any(matches))
            .map(|(name, _)| name.to_lowercase())
            .collect();
        let crates = owner(&flat, path).map(|package| package.name.clone());
        assert_eq!(names, Vec::from_iter(crates), "{path}");
    }
    let core = &sections
        .iter()
        .find(|(name, _)| *name == "KERNEL-CORE")
        .unwrap()
        .1;
    assert!(core.contains(&"rust/kernel/shared/a.rs"), "{core:?}");
    assert!(core.contains(&"rust/kernel/shared/deep/"), "{core:?}");
    assert!(core.is_sorted(), "{core:?}");
}

/// Files of about the form that MAINTAINERS has.
fn file() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just(""),
        Just("RUST"),
        Just("RUST CRATE KERNEL"),
        Just("RUST CRATE X"),
        Just("RUST [ALLOC]"),
        Just("THE REST"),
        Just("A DRIVER"),
        Just("M:\tA <a@example.com>"),
        Just("S:\tSupported"),
        Just("text"),
        Just("\tM: text"),
    ];
    let file = proptest::collection::vec(line, 0..14);
    (file, any::<bool>()).prop_map(|(lines, ended)| {
        let text = lines.join("\n");
        if ended {
            text + "\n"
        } else {
            text
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    /// Whatever the file: what was put in is found again, and goes without a trace.
    #[test]
    fn what_is_put_in_comes_out(file in file()) {
        const REGION: &[u8] = b"RUST CRATE KERNEL\nS:\tSupported\nF:\trust/kernel/lib.rs\n\n\
            RUST CRATE KERNEL-SYNC\nS:\tSupported\nF:\trust/kernel/sync/\n\n";
        let old = Region::find(file.as_bytes()).to_vec();
        let without = Region::splice(file.as_bytes(), b"").unwrap();
        if let Some(with) = Region::splice(file.as_bytes(), REGION) {
            prop_assert_eq!(Region::find(&with), REGION);
            let back = Region::splice(&with, &old);
            prop_assert_eq!(back.as_deref(), Some(file.as_bytes()));
        } else {
            prop_assert!(old.is_empty());
            prop_assert_eq!(without, file.as_bytes());
        }
    }
}
