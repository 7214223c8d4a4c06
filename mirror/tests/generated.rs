// SPDX-License-Identifier: GPL-2.0

//! What the generator writes is well-formed for the tools that meet it in a tree.

mod common;

use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime};

use common::{alone, assert_same, snapshot, write, Sandbox};
use mirror::{apply, diff, Direction, Options};

/// Runs a tool that developers have, and skips what needs it where it is missing.
fn tool(command: &mut Command) -> bool {
    match command.output() {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{command:?}:\n{text}{errors}");
            true
        }
        Err(error) => {
            eprintln!("skipped: {command:?}: {error}");
            false
        }
    }
}

#[test]
fn rust_is_as_rustfmt_leaves_it() {
    let _guard = alone();
    let sandbox = Sandbox::new();
    apply(&sandbox.flat(), &sandbox.tree(), Options::default()).unwrap();
    // It goes on to the modules from there.
    let root = sandbox.tree_path().join("rust/kernel/lib.rs");
    tool(
        Command::new("rustfmt")
            .args(["--check", "--edition", "2021"])
            .arg(root),
    );
}

#[test]
fn a_diff_is_a_patch() {
    let _guard = alone();
    let sandbox = Sandbox::new();
    let flat = sandbox.flat();
    apply(&flat, &sandbox.tree(), Options::default()).unwrap();
    let rust = sandbox.tree_path().join("rust");
    write(
        &rust.join("kernel/error.rs"),
        "// edited\nno line break at the end",
    );
    write(&rust.join("kernel/extra.rs"), "// extra\n");
    fs::remove_file(rust.join("kernel/types.rs")).unwrap();
    let edited = sandbox.files();

    let forth = diff(&flat, &sandbox.tree(), Direction::ToWorkspace).unwrap();
    let back = diff(&flat, &sandbox.tree(), Direction::ToTree).unwrap();
    for (patch, name) in [(forth, "forth.patch"), (back, "back.patch")] {
        let path = sandbox.root().join(name);
        write(&path, &patch);
        let mut git = Command::new("git");
        git.args(["apply", "-p1"])
            .arg(&path)
            .current_dir(sandbox.tree_path());
        if !tool(&mut git) {
            return;
        }
        if name == "forth.patch" {
            assert_eq!(
                diff(&flat, &sandbox.tree(), Direction::ToWorkspace).unwrap(),
                ""
            );
        }
    }
    assert_same(&sandbox.files(), &edited, "there and back");
}

#[test]
fn what_is_no_text_differs_as_a_whole() {
    let _guard = alone();
    let sandbox = Sandbox::new();
    let flat = sandbox.flat();
    apply(&flat, &sandbox.tree(), Options::default()).unwrap();
    fs::write(sandbox.tree_path().join("rust/ffi.rs"), [0xff, b'\n']).unwrap();
    assert_eq!(
        diff(&flat, &sandbox.tree(), Direction::ToTree).unwrap(),
        "diff --git a/rust/ffi.rs b/rust/ffi.rs\n\
         Binary files a/rust/ffi.rs and b/rust/ffi.rs differ\n"
    );
}

#[test]
fn a_build_sees_what_changed_and_nothing_else() {
    let _guard = alone();
    let sandbox = Sandbox::new();
    apply(&sandbox.flat(), &sandbox.tree(), Options::default()).unwrap();
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let tree = sandbox.tree_path();
    let mut files = snapshot(&tree.join("rust"));
    files.retain(|path, _| !path.starts_with("kernel/.mirror/"));
    for path in files.keys() {
        let file = fs::File::open(tree.join("rust").join(path)).unwrap();
        file.set_modified(old).unwrap();
    }

    write(
        &sandbox.root().join("workspace/kernel-core/src/error.rs"),
        "// changed\n",
    );
    let changes = apply(&sandbox.flat(), &sandbox.tree(), Options::default()).unwrap();
    assert_eq!(changes.written, ["rust/kernel/error.rs"]);
    let touched: Vec<_> = files
        .keys()
        .filter(|path| {
            let metadata = fs::metadata(tree.join("rust").join(path)).unwrap();
            metadata.modified().unwrap() != old
        })
        .collect();
    assert_eq!(touched, ["kernel/error.rs", "kernel/mirror.lock"]);
}
