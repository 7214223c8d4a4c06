// SPDX-License-Identifier: GPL-2.0

//! Crates that move one by one, and crates that are left out and taken back in, come to what all of
//! them together come to.

mod common;

use std::collections::BTreeSet;

use common::{alone, append, assert_same, write, Sandbox};
use mirror::{apply, check, Flat, Options, Origin, Selection};
use proptest::prelude::*;
use proptest::sample::subsequence;

const CRATES: [&str; 6] = [
    "kernel",
    "kernel-core",
    "kernel-ffi",
    "kernel-macros",
    "kernel-sync",
    "kernel-uapi",
];

/// What may happen to a crate.
const CHANGES: [&str; 6] = ["source", "new", "seam", "helper", "header", "readme"];

fn change(sandbox: &Sandbox, name: &str, change: &str) {
    let root = sandbox.root().join("workspace").join(name);
    let is_part = !["kernel-ffi", "kernel-macros", "kernel-uapi"].contains(&name);
    match change {
        "seam" if is_part && name != "kernel" => {
            append(
                &root.join("src/lib.rs"),
                &format!("pub mod {}_x;\n", name.replace('-', "_")),
            );
        }
        "seam" | "source" => append(&root.join("src/lib.rs"), "// Changed.\n"),
        "new" if ["kernel-ffi", "kernel-uapi"].contains(&name) => {}
        "new" => write(&root.join(format!("src/{name}/new.rs")), "//! New.\n"),
        "helper" => write(&root.join(format!("helpers/{name}.c")), "// New.\n"),
        "header" => write(&root.join("bindings.h"), &format!("#include <{name}.h>\n")),
        _ => write(&root.join("README.md"), "Changed.\n"),
    }
}

/// The files that are copies of a crate's.
fn copies<'a>(flat: &'a Flat, name: &'a str) -> impl Iterator<Item = (&'a String, &'a [u8])> {
    let files = flat.files.iter();
    files
        .filter(move |(_, file)| match file.origin() {
            Origin::Copied { package, .. } => package == name,
            Origin::Generated { .. } => false,
        })
        .map(|(path, file)| (path, file.bytes()))
}

fn put(sandbox: &Sandbox, selection: &Selection) -> Flat {
    let flat = sandbox.select(selection);
    apply(&flat, &sandbox.tree(), Options::default()).unwrap();
    flat
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn one_by_one_is_all_at_once(
        changes in prop::array::uniform6(subsequence(CHANGES.to_vec(), 0..=3)),
        order in Just(CRATES.to_vec()).prop_shuffle(),
    ) {
        let _guard = alone();
        let sandbox = Sandbox::new();
        let mut before = put(&sandbox, &Selection::default());
        for (name, changes) in CRATES.iter().zip(&changes) {
            for it in changes {
                change(&sandbox, name, it);
            }
        }
        for name in &order {
            let mut selection = Selection::default();
            selection.add_package(name).unwrap();
            let after = put(&sandbox, &selection);
            for other in CRATES.iter().filter(|other| *other != name) {
                prop_assert!(copies(&before, other).eq(copies(&after, other)), "{other}");
            }
            before = after;
        }
        let moved = sandbox.files();
        let all = sandbox.select(&Selection::default());
        prop_assert!(check(&all, &sandbox.tree()).unwrap().is_in_step());
        let again = Sandbox::new();
        apply(&all, &again.tree(), Options::default()).unwrap();
        assert_same(&moved, &again.files(), "one by one");
    }
}

#[test]
fn out_and_in_again_is_as_before() {
    let _guard = alone();
    let sandbox = Sandbox::new();
    put(&sandbox, &Selection::default());
    let before = sandbox.everything();
    let mut selection = Selection::default();
    selection.without = BTreeSet::from(["kernel-sync".to_owned()]);
    let out = put(&sandbox, &selection);
    assert_eq!(out.left_out.len(), 1);
    assert_eq!(copies(&out, "kernel-sync").count(), 0);
    assert!(check(&out, &sandbox.tree()).unwrap().is_in_step());
    let mut selection = Selection::default();
    selection.with_all = true;
    put(&sandbox, &selection);
    // What only the other lock named went with the next run.
    put(&sandbox, &Selection::default());
    assert_same(&sandbox.everything(), &before, "out and in again");
}
