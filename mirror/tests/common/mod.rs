// SPDX-License-Identifier: GPL-2.0

//! A workspace and a kernel tree to try things on.

// Each test binary uses a part of this.
#![allow(dead_code, unreachable_pub)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mirror::{Dest, Disk, Flat, Package, Selection, Tree, Workspace};

/// What a file is, for comparing whole trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    File(String),
    /// A file that can be run.
    Program(String),
    Link(PathBuf),
}

pub type Snapshot = BTreeMap<String, Thing>;

/// A MAINTAINERS with a place for the crates.
pub const MAINTAINERS_FILE: &str = "List of maintainers\n\n3C59X DRIVER\nS:\tOdd Fixes\n\n\
    RUST\nM:\tB <b@example.com>\nS:\tSupported\nF:\trust/\n\n\
    RUST [ALLOC]\nS:\tMaintained\nF:\trust/kernel/alloc/\n\n\
    THE REST\nS:\tBuried alive in reporters\nF:\t*\n";

/// Git without anyone's settings, by someone whom nothing but ASCII would be too easy.
pub const WHO: [(&str, &str); 8] = [
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_SYSTEM", "/dev/null"),
    ("GIT_AUTHOR_NAME", "Zoë Müller"),
    ("GIT_AUTHOR_EMAIL", "zoe@example.com"),
    ("GIT_AUTHOR_DATE", "2026-03-01T12:00:00 +0530"),
    ("GIT_COMMITTER_NAME", "C Committer"),
    ("GIT_COMMITTER_EMAIL", "c@example.com"),
    ("GIT_COMMITTER_DATE", "2026-03-02T12:00:00 -0800"),
];

/// What git prints.
#[track_caller]
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .envs(WHO)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {words}");
    String::from_utf8(output.stdout).unwrap()
}

pub struct Sandbox {
    dir: tempfile::TempDir,
    commits: RefCell<Vec<String>>,
}

impl Sandbox {
    fn empty() -> Self {
        Self {
            dir: folder(),
            commits: RefCell::default(),
        }
    }

    /// Copies of `tests/base`.
    pub fn new() -> Self {
        let sandbox = Self::empty();
        copy(&base(), sandbox.root());
        sandbox
    }

    /// The same, with a MAINTAINERS in the tree.
    pub fn with_maintainers() -> Self {
        let sandbox = Self::new();
        write(&sandbox.tree_path().join("MAINTAINERS"), MAINTAINERS_FILE);
        sandbox
    }

    /// The same kernel tree as it is now, elsewhere.
    pub fn again(&self) -> Self {
        let sandbox = Self::empty();
        copy(&self.tree_path(), &sandbox.tree_path());
        sandbox
    }

    pub fn workspace_path(&self) -> PathBuf {
        self.root().join("workspace")
    }

    /// Commits all that is in the workspace.
    #[track_caller]
    pub fn commit(&self, message: &str) {
        let workspace = self.workspace_path();
        if !workspace.join(".git").exists() {
            git(&workspace, &["init", "--quiet"]);
        }
        git(&workspace, &["add", "--all"]);
        let message = ["commit", "--quiet", "--cleanup=verbatim", "-m", message];
        git(&workspace, &message);
        let name = git(&workspace, &["rev-parse", "--short", "HEAD"]);
        self.commits.borrow_mut().push(name.trim().to_owned());
    }

    /// The abbreviated names of what was committed, the first one first.
    pub fn commits(&self) -> Vec<String> {
        self.commits.borrow().clone()
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn tree_path(&self) -> PathBuf {
        self.root().join("tree")
    }

    pub fn tree(&self) -> Tree {
        Tree::open(&self.tree_path()).unwrap()
    }

    pub fn tree_on(&self, disk: Disk) -> Tree {
        Tree::open_on(disk, &self.tree_path()).unwrap()
    }

    pub fn flat(&self) -> Flat {
        mirror::flatten(&workspace(&self.root().join("workspace"))).unwrap()
    }

    /// The workspace without a crate.
    pub fn flat_without(&self, name: &str) -> Flat {
        let workspace = workspace(&self.root().join("workspace"));
        let names = BTreeSet::from([name.to_owned()]);
        mirror::flatten(&workspace.without(&names).unwrap()).unwrap()
    }

    /// What belongs in the tree by this selection.
    pub fn select(&self, selection: &Selection) -> Flat {
        let workspace = workspace(&self.root().join("workspace"));
        mirror::select(&workspace, &self.tree(), selection).unwrap()
    }

    /// Everything in the tree, the backup included.
    pub fn everything(&self) -> Snapshot {
        snapshot(&self.tree_path())
    }

    /// Everything in the tree but the private folder.
    pub fn files(&self) -> Snapshot {
        let mut files = self.everything();
        files.retain(|path, _| !path.starts_with("rust/kernel/.mirror/"));
        files
    }
}

/// What [`Workspace::load`] makes of `root`.
///
/// That starts Cargo, and a process that another thread is just starting keeps the locks of this
/// one for a moment: tests that run side by side would find trees busy.
pub fn workspace(root: &Path) -> Workspace {
    let mut packages = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let root = entry.unwrap().path();
        let Ok(text) = fs::read_to_string(root.join("Cargo.toml")) else {
            continue;
        };
        let manifest: toml::Value = toml::from_str(&text).unwrap();
        let package = &manifest["package"];
        let Some(table) = package
            .get("metadata")
            .and_then(|table| table.get("mirror"))
        else {
            continue;
        };
        let name = package["name"].as_str().unwrap();
        let dest = match table.get("dest") {
            None => Dest::Kernel,
            Some(toml::Value::String(dest)) if dest.ends_with(".rs") => Dest::File(dest.clone()),
            Some(toml::Value::String(dest)) => Dest::Folder(dest.clone()),
            Some(_) => continue,
        };
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        packages.push(Package {
            name: name.to_owned(),
            version: package["version"].as_str().unwrap().to_owned(),
            description: String::new(),
            lib: name.replace('-', "_"),
            dest,
            maintainers: strings(table.get("maintainers")),
            lists: strings(table.get("lists")),
            status: strings(table.get("status")).concat(),
            dependencies: dependencies
                .into_iter()
                .flat_map(|table| table.keys().cloned())
                .map(|name| (name, semver::VersionReq::STAR))
                .collect(),
            root,
        });
    }
    Workspace::new(root.to_owned(), packages)
}

fn strings(value: Option<&toml::Value>) -> Vec<String> {
    match value {
        None => Vec::new(),
        Some(toml::Value::Array(list)) => list.iter().flat_map(|v| strings(Some(v))).collect(),
        Some(value) => vec![value.as_str().unwrap().to_owned()],
    }
}

/// A folder in memory, if there is such a thing: some tests make thousands of trees.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// Fails with the names of the files that differ.
#[track_caller]
pub fn assert_same(now: &Snapshot, wanted: &Snapshot, when: impl std::fmt::Display) {
    let names: BTreeSet<_> = now.keys().chain(wanted.keys()).collect();
    let differ: Vec<_> = names
        .into_iter()
        .filter(|name| now.get(*name) != wanted.get(*name))
        .collect();
    assert!(differ.is_empty(), "{when}: these differ: {differ:?}");
}

pub fn base() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/base")
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        let target = to.join(entry.file_name());
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path()).unwrap(), target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub fn snapshot(root: &Path) -> Snapshot {
    let mut files = Snapshot::new();
    let mut folders = vec![(String::new(), root.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push((format!("{path}/"), entry.path()));
            } else if kind.is_symlink() {
                files.insert(path, Thing::Link(fs::read_link(entry.path()).unwrap()));
            } else {
                let bytes = fs::read(entry.path()).unwrap();
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let thing = match is_executable(&entry.path()) {
                    true => Thing::Program(text),
                    false => Thing::File(text),
                };
                files.insert(path, thing);
            }
        }
    }
    files
}

pub fn append(path: &Path, text: &str) {
    write(path, &(fs::read_to_string(path).unwrap() + text));
}

pub fn prepend(path: &Path, text: &str) {
    write(
        path,
        &(text.to_owned() + &fs::read_to_string(path).unwrap()),
    );
}

pub fn is_executable(path: &Path) -> bool {
    fs::metadata(path).unwrap().permissions().mode() & 0o100 != 0
}

pub fn set_executable(path: &Path, executable: bool) {
    let mode = if executable { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Held by tests whose merges start git: see [`workspace`] about processes that are just starting.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
