// SPDX-License-Identifier: GPL-2.0

//! A workspace as an earlier commit has it.

mod common;

use std::process::Command;

use common::{write, Sandbox};
use mirror::{flatten, Kind, Workspace};

fn git(sandbox: &Sandbox, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
        .args(arguments)
        .current_dir(sandbox.root())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .status()
        .unwrap();
    assert!(status.success(), "git {arguments:?}");
}

#[test]
fn an_earlier_commit_is_what_it_was() {
    let sandbox = Sandbox::new();
    let then = sandbox.flat();
    // The workspace is not the repository's top folder.
    git(&sandbox, &["init", "-q", "."]);
    git(&sandbox, &["add", "workspace"]);
    git(&sandbox, &["commit", "-q", "-m", "first"]);
    let workspace = sandbox.root().join("workspace");
    write(&workspace.join("kernel-core/src/error.rs"), "// Changed.\n");

    let (folder, earlier) = Workspace::at(&workspace, "HEAD").unwrap();
    let earlier = flatten(&earlier).unwrap();
    assert_eq!(
        earlier.files.keys().collect::<Vec<_>>(),
        then.files.keys().collect::<Vec<_>>()
    );
    for (path, file) in &earlier.files {
        assert_eq!(file.digest(), then.files[path].digest(), "{path}");
    }
    assert!(folder.path().exists());

    let error = Workspace::at(&workspace, "no-such-branch").unwrap_err();
    assert_eq!(error.kind(), Kind::Git);
    assert!(
        error.to_string().contains("there is no such commit"),
        "{error}"
    );
}
