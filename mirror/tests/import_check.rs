// SPDX-License-Identifier: GPL-2.0

//! Edits that a tree takes, where all is one crate, and that the crates cannot have: the report names
//! the rule and the two crates.

mod common;
#[path = "common/repo.rs"]
mod repo;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use common::{write, Sandbox};
use mirror::{apply, compile, Options, Rule, Workspace};

/// Crates that compile.
const SOURCES: [(&str, &str); 6] = [
    (
        "kernel-core/src/lib.rs",
        "//! Core.\n\n#![no_std]\n\nextern crate self as kernel;\n\npub mod error;\n",
    ),
    (
        "kernel-core/src/error.rs",
        "//! Errors.\n\n/// An error.\npub struct Error(pub(crate) i32);\n\n/// A trait.\npub trait Show {}\n\n\
         pub(crate) fn hidden() {}\n\nimpl Error {\n    pub(crate) fn code(&self) -> i32 {\n        \
         hidden();\n        self.0\n    }\n\n    /// Whether it is one.\n    pub fn is(&self) -> bool {\n        \
         self.code() != 0\n    }\n}\n\nimpl<T: Copy> Show for T {}\n",
    ),
    (
        "kernel-sync/src/lib.rs",
        "//! Locks.\n\n#![no_std]\n\nextern crate self as kernel;\n\n#[doc(no_inline)]\npub use kernel_core::*;\n\n\
         pub mod sync;\n",
    ),
    ("kernel-sync/src/sync.rs", "//! Locks.\n\npub mod lock;\n"),
    (
        "kernel-sync/src/sync/lock.rs",
        "//! One lock.\n\n/// A lock.\n#[derive(Clone, Copy)]\npub struct Lock;\n",
    ),
    (
        "kernel/src/lib.rs",
        "//! All.\n\n#![no_std]\n\n#[doc(no_inline)]\npub use kernel_core::*;\n",
    ),
];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let root = sandbox.root().join("workspace");
    for (name, text) in SOURCES {
        write(&root.join(name), text);
    }
    for name in ["print.rs", "types.rs"] {
        fs::remove_file(root.join("kernel-core/src").join(name)).unwrap();
    }
    sandbox
}

#[test]
fn the_report_names_the_rule_and_both_crates() {
    let _alone = repo::alone();
    let sandbox = sandbox();
    let root = sandbox.root().join("workspace");
    let workspace = Workspace::load(&root).unwrap();
    let touched = BTreeSet::from(["kernel-core", "kernel-sync"]);
    assert_eq!(compile(&workspace, &touched).unwrap(), []);

    let lock = "kernel-sync/src/sync/lock.rs";
    let error = "kernel-core/src/error.rs";
    let of = |what: &str| Some(("kernel-core".to_owned(), what.to_owned()));
    let cases = [
        (
            lock,
            "impl Clone for crate::error::Error {\n    fn clone(&self) -> Self {\n        loop {}\n    }\n}\n",
            ("E0117", Rule::Orphan, of("Error"), false),
            "orphan rule (E0117): the impl is in kernel-sync, and `Error` is kernel-core's",
        ),
        (
            lock,
            "impl crate::error::Show for Lock {}\n",
            ("E0119", Rule::Overlap, of(""), false),
            "overlapping impls (E0119): kernel-sync and kernel-core both have one",
        ),
        (
            lock,
            "impl crate::error::Error {\n    fn more(&self) {}\n}\n",
            ("E0116", Rule::Inherent, of("Error"), false),
            "impl outside of the type's crate (E0116): the impl is in kernel-sync, and `Error` is kernel-core's",
        ),
        (
            lock,
            "fn f() {\n    crate::error::hidden();\n}\n",
            ("E0603", Rule::Privacy, of(""), false),
            "privacy (E0603): kernel-sync uses what only kernel-core may",
        ),
        (
            lock,
            "fn f(error: crate::error::Error) -> i32 {\n    error.code()\n}\n",
            ("E0624", Rule::Privacy, of(""), false),
            "privacy (E0624): kernel-sync uses what only kernel-core may",
        ),
        (
            lock,
            "fn f(error: crate::error::Error) -> i32 {\n    error.0\n}\n",
            ("E0616", Rule::Privacy, of(""), false),
            "privacy (E0616): kernel-sync uses what only kernel-core may",
        ),
        (
            error,
            "fn f() {\n    let _ = crate::sync::lock::Lock;\n}\n",
            ("E0433", Rule::Layering, Some(("kernel-sync".to_owned(), "sync".to_owned())), true),
            "layering (E0433): kernel-core names `sync`, which is kernel-sync's; kernel-sync depends on \
             kernel-core, and a way back would be a cycle",
        ),
        (
            error,
            "use crate::{sync as locks};\n",
            ("E0432", Rule::Layering, Some(("kernel-sync".to_owned(), "sync".to_owned())), true),
            "layering (E0432): kernel-core names `sync`, which is kernel-sync's; kernel-sync depends on \
             kernel-core, and a way back would be a cycle",
        ),
        (
            error,
            "fn f() -> i32 {\n    \"x\"\n}\n",
            ("E0308", Rule::Other, None, false),
            "error (E0308) in kernel-core",
        ),
    ];
    for (source, text, (code, rule, other, upward), words) in cases {
        let path = root.join(source);
        let before = fs::read_to_string(&path).unwrap();
        let line = before.lines().count();
        write(&path, &(before.clone() + "\n" + text));
        let breaches = compile(&workspace, &touched).unwrap();
        let found = breaches.iter().find(|breach| breach.code == code);
        let found = found.unwrap_or_else(|| panic!("{text}: {breaches:#?}"));
        assert_eq!((found.rule, found.upward), (rule, upward), "{found:#?}");
        // What it is called is told where that is known.
        let crates = |other: &Option<(String, String)>| {
            other.as_ref().map(|(name, what)| {
                (
                    name.clone(),
                    match rule {
                        Rule::Privacy | Rule::Overlap => String::new(),
                        _ => what.clone(),
                    },
                )
            })
        };
        assert_eq!(crates(&found.other), other, "{found:#?}");
        assert_eq!(found.describe(), words);
        assert_eq!(found.source, source);
        assert!(found.line > line + 1, "{found:#?}");
        assert!(found.path.as_ref().unwrap().starts_with("rust/kernel/"));
        write(&path, &before);
    }
}

#[test]
fn what_does_not_check_is_imported_and_said() {
    let _alone = repo::alone();
    let sandbox = sandbox();
    apply(&sandbox.flat(), &sandbox.tree(), Options::default()).unwrap();
    let path = sandbox.tree_path().join("rust/kernel/sync/lock.rs");
    let before = fs::read_to_string(&path).unwrap();
    let import = || {
        let output = Command::new(env!("CARGO_BIN_EXE_mirror"))
            .args(["import", "../tree"])
            .current_dir(sandbox.root().join("workspace"))
            .env("CARGO_NET_OFFLINE", "true")
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    write(
        &path,
        &(before.clone() + "\nimpl crate::error::Error {\n    fn more(&self) {}\n}\n"),
    );
    let (status, text) = import();
    assert_eq!(status, Some(10), "{text}");
    let wanted = "kernel-sync/src/sync/lock.rs:7 (rust/kernel/sync/lock.rs): impl outside of the \
                  type's crate (E0116): the impl is in kernel-sync, and `Error` is kernel-core's\n";
    assert!(text.contains(wanted), "{text}");
    let source = sandbox
        .root()
        .join("workspace/kernel-sync/src/sync/lock.rs");
    assert!(fs::read_to_string(&source).unwrap().contains("fn more"));

    // The tree is told, so that what comes next is an edit of that.
    apply(&sandbox.flat(), &sandbox.tree(), Options::default()).unwrap();
    write(&path, &(before + "\n/// More.\npub fn more() {}\n"));
    let (status, text) = import();
    assert_eq!(status, Some(0), "{text}");
    assert!(text.ends_with("the crates check by themselves\n"), "{text}");
}
