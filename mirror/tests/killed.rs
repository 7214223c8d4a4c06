// SPDX-License-Identifier: GPL-2.0

//! The real thing: a process that is killed with SIGKILL at every step.
//!
//! The test starts itself as that process.

mod common;

use std::env;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{assert_same, Sandbox};
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
    let sandbox = Sandbox::with_maintainers();
    let pristine = sandbox.files();
    let flat = sandbox.flat();
    let workspace = sandbox.root().join("workspace");
    let mut interrupted = 0;
    for steps in 0.. {
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
            assert!(check(&flat, &sandbox.tree()).unwrap().is_in_step());
            break;
        }
        assert_eq!(status.signal(), Some(SIGKILL), "after {steps} steps");

        match check(&flat, &sandbox.tree()).unwrap() {
            State::Interrupted(command) => {
                assert_eq!(command, "apply");
                interrupted += 1;
            }
            State::NotApplied => {
                assert_same(&sandbox.files(), &pristine, format!("after {steps} steps"))
            }
            state => assert!(state.is_in_step(), "after {steps} steps: {state:?}"),
        }
        if steps % 2 == 0 {
            apply(&flat, &sandbox.tree(), Options::default()).unwrap();
            assert!(check(&flat, &sandbox.tree()).unwrap().is_in_step());
        }
        restore(&sandbox.tree(), Options::default()).unwrap();
        assert_same(&sandbox.files(), &pristine, format!("after {steps} steps"));
    }
    assert!(interrupted > 5, "{interrupted}");
}
