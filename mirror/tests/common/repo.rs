// SPDX-License-Identifier: GPL-2.0

//! Git in tests: nothing of the user's, and the same commits on every run.

#![allow(dead_code, unreachable_pub)]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps a binary's tests one after the other: a process that one of them is just starting holds the
/// locks of all of them for a moment.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What makes git the same everywhere.
pub const ENVIRONMENT: [(&str, &str); 9] = [
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_SYSTEM", "/dev/null"),
    ("GIT_AUTHOR_NAME", "An Author"),
    ("GIT_AUTHOR_EMAIL", "author@example.com"),
    ("GIT_AUTHOR_DATE", "2026-01-02T03:04:05+0200"),
    ("GIT_COMMITTER_NAME", "A Committer"),
    ("GIT_COMMITTER_EMAIL", "committer@example.com"),
    ("GIT_COMMITTER_DATE", "2026-02-03T04:05:06+0000"),
    ("LC_ALL", "C"),
];

pub fn try_git(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .args(["-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .envs(ENVIRONMENT)
        .output()
        .unwrap()
}

/// What it prints.
#[track_caller]
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = try_git(folder, arguments);
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Makes `folder` a repository with all that is in it committed.
pub fn init(folder: &Path) {
    git(folder, &["init", "--quiet", "."]);
    // What imports commit is the user's.
    git(folder, &["config", "user.name", "A Committer"]);
    git(folder, &["config", "user.email", "committer@example.com"]);
    commit(folder, "Everything");
}

/// Commits all that changed; says the commit.
pub fn commit(folder: &Path, message: &str) -> String {
    git(folder, &["add", "--all", "."]);
    git(
        folder,
        &["commit", "--quiet", "--allow-empty", "-m", message],
    );
    head(folder)
}

pub fn head(folder: &Path) -> String {
    git(folder, &["rev-parse", "HEAD"]).trim().to_owned()
}
