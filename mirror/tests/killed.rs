// SPDX-License-Identifier: GPL-2.0

//! The real thing: a process that is killed with SIGKILL at every step.
//!
//! The test starts itself as that process.

mod common;

use std::env;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{alone, append, assert_same, prepend, write, Sandbox, Snapshot};
use mirror::{apply, check, restore, Disk, Options, State, Tree};

const TREE: &str = "MIRROR_TEST_TREE";
const WORKSPACE: &str = "MIRROR_TEST_WORKSPACE";
const STEPS: &str = "MIRROR_TEST_STEPS";
const SIGKILL: i32 = 9;

/// The process to be killed. Does nothing when the test runner starts it.
#[test]
fn victim() {
    let variables = (env::var_os(TREE), env::var_os(WORKSPACE), env::var(STEPS));
    let (Some(tree), Some(workspace), Ok(steps)) = variables else {
        return;
    };
    let mut left: usize = steps.parse().unwrap();
    let disk = Disk::observed(move |_| {
        if left == 0 {
            let pid = std::process::id().to_string();
            Command::new("kill").args(["-KILL", &pid]).status().unwrap();
            unreachable!("this process is dead");
        }
        left -= 1;
        Ok(())
    });
    let workspace = common::workspace(Path::new(&workspace));
    let flat = mirror::flatten(&workspace).unwrap();
    let tree = Tree::open_on(disk, Path::new(&tree)).unwrap();
    apply(&flat, &tree, Options::default()).unwrap();
}

#[test]
fn a_killed_apply_is_mended() {
    let _guard = alone();
    let first = Sandbox::with_maintainers();
    let mut points = at_every_step(&first, &first.files());

    // Both sides changed the same files since.
    let merge = Sandbox::with_maintainers();
    let pristine = merge.files();
    apply(&merge.flat(), &merge.tree(), Options::default()).unwrap();
    let error = "kernel-core/src/error.rs";
    append(&merge.root().join("workspace").join(error), "// newer\n");
    let rust = merge.tree_path().join("rust/kernel");
    prepend(&rust.join("error.rs"), "// edited\n");
    write(&rust.join("extra.rs"), "// extra\n");
    std::fs::remove_file(rust.join("types.rs")).unwrap();
    points += at_every_step(&merge, &pristine);
    println!("{points} kill points with SIGKILL, 0 trees lost");
}

/// Kills `apply` at every step, and says how many there were.
fn at_every_step(sandbox: &Sandbox, pristine: &Snapshot) -> usize {
    let flat = sandbox.flat();
    let workspace = sandbox.root().join("workspace");
    let before = sandbox.files();
    let done = sandbox.again();
    apply(&flat, &done.tree(), Options::default()).unwrap();
    let done = done.files();
    let over = Options {
        overwrite_edits: true,
        ..Options::default()
    };
    let mut interrupted = 0;
    for steps in 0.. {
        let at = format!("after {steps} steps");
        let sandbox = sandbox.again();
        let status = Command::new(env::current_exe().unwrap())
            .args(["--exact", "victim"])
            .env(TREE, sandbox.tree_path())
            .env(WORKSPACE, &workspace)
            .env(STEPS, steps.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        if status.success() {
            assert_same(&sandbox.files(), &done, at);
            assert!(interrupted > 5, "{interrupted}");
            return steps;
        }
        assert_eq!(status.signal(), Some(SIGKILL), "{at}");

        if let State::Interrupted(command) = check(&flat, &sandbox.tree()).unwrap() {
            assert_eq!(command, "apply");
            interrupted += 1;
        } else if sandbox.files() != before {
            assert_same(&sandbox.files(), &done, &at);
        }
        if steps % 2 == 0 {
            apply(&flat, &sandbox.tree(), Options::default()).unwrap();
            assert_same(&sandbox.files(), &done, &at);
        }
        restore(&sandbox.tree(), over).unwrap();
        assert_same(&sandbox.files(), pristine, &at);
    }
    unreachable!("there is an end to the steps");
}
