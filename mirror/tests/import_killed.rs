// SPDX-License-Identifier: GPL-2.0

//! Imports that are stopped: at every step there is, by a failure, by a full disk, and by death.
//! What is run again then comes to the same end, and nothing is lost on the way.

mod common;
#[path = "common/repo.rs"]
mod repo;

use std::cell::Cell;
use std::fs;
use std::io;
use std::rc::Rc;

use common::{assert_same, copy, snapshot, workspace, write, Sandbox, Snapshot};
use mirror::{
    apply, Disk, Error, ImportOptions, Imported, Importer, Options, Result, Step, Workspace,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Once,
    Full,
    Dead,
}

/// A disk that works for `good` steps. The flag tells whether it got that far.
fn disk(fault: Fault, good: usize) -> (Disk, Rc<Cell<bool>>) {
    let struck = Rc::new(Cell::new(false));
    let flag = struck.clone();
    let mut taken = 0;
    let disk = Disk::observed(move |step| {
        taken += 1;
        let writes = matches!(step, Step::CreateFolder(_) | Step::Write(_));
        let fails = match fault {
            Fault::Once => taken == good + 1,
            Fault::Dead => taken > good,
            Fault::Full => taken > good && writes,
        };
        if !fails {
            return Ok(());
        }
        flag.set(true);
        Err(io::Error::other("injected"))
    });
    (disk, struck)
}

/// A workspace, and a tree in which every kind of edit was made.
fn scene(in_repository: bool) -> Sandbox {
    let sandbox = Sandbox::new();
    let root = sandbox.root().join("workspace");
    if in_repository {
        repo::init(&root);
    }
    apply(&sandbox.flat(), &sandbox.tree(), Options::default()).unwrap();
    let rust = sandbox.tree_path().join("rust");
    let edit = |name: &str| {
        let path = rust.join(name);
        write(
            &path,
            &(fs::read_to_string(&path).unwrap() + "// An edit.\n"),
        );
    };
    edit("kernel/error.rs");
    edit("helpers/mutex.c");
    edit("macros/lib.rs");
    write(&rust.join("kernel/sync/deep/er.rs"), "//! New.\n");
    fs::remove_file(rust.join("kernel/print.rs")).unwrap();
    fs::rename(
        rust.join("kernel/sync/lock.rs"),
        rust.join("kernel/sync/mutex.rs"),
    )
    .unwrap();
    fs::remove_file(rust.join("macros/module/input.rs")).unwrap();
    let lib = rust.join("kernel/lib.rs");
    let text = fs::read_to_string(&lib).unwrap();
    write(
        &lib,
        &text.replace("pub mod sync;\n", "pub mod rcu;\npub mod sync;\n"),
    );
    write(&rust.join("kernel/rcu.rs"), "//! RCU.\n");
    common::set_executable(&rust.join("kernel/types.rs"), true);
    sandbox
}

/// The same workspace, elsewhere.
fn again(sandbox: &Sandbox) -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    copy(&sandbox.root().join("workspace"), folder.path());
    let workspace = workspace(folder.path());
    (folder, workspace)
}

fn import(workspace: &Workspace, sandbox: &Sandbox, disk: Disk) -> Result<Imported> {
    let importer = Importer::new(workspace, ImportOptions::default()).on(disk);
    importer.tree(&sandbox.tree())
}

/// What is in the workspace, without git's own files and what a killed import left for the next.
fn files(workspace: &Workspace) -> Snapshot {
    let mut files = snapshot(&workspace.root);
    files.retain(|path, _| !path.starts_with(".git/") && !path.starts_with(".mirror-import/"));
    files
}

fn at_every_step(
    sandbox: &Sandbox,
    fault: Fault,
    mut then: impl FnMut(&str, &Workspace, Result<Imported>),
) -> usize {
    for good in 0.. {
        let (_folder, workspace) = again(sandbox);
        let (disk, struck) = disk(fault, good);
        let result = import(&workspace, sandbox, disk);
        if !struck.get() {
            assert!(result.is_ok());
            assert!(good > 10, "only {good} steps");
            return good;
        }
        then(&format!("{fault:?} after {good} steps"), &workspace, result);
    }
    unreachable!()
}

#[test]
fn what_is_stopped_is_done_by_the_next_run() {
    let _alone = repo::alone();
    let mut points = 0;
    for in_repository in [false, true] {
        let sandbox = scene(in_repository);
        let tree = sandbox.everything();
        let (_folder, done) = again(&sandbox);
        import(&done, &sandbox, Disk::new()).unwrap();
        let wanted = files(&done);
        let (_folder, before) = again(&sandbox);
        let before = files(&before);
        points += at_every_step(&sandbox, Fault::Dead, |at, workspace, _| {
            // Each file is what it was or what it is to be, whole, and none is missing that is
            // neither new nor gone.
            for (path, thing) in files(workspace) {
                let known = [before.get(&path), wanted.get(&path)];
                assert!(known.contains(&Some(&thing)), "{at}: {path}");
            }
            for path in before.keys().filter(|path| wanted.contains_key(*path)) {
                assert!(files(workspace).contains_key(path), "{at}: {path}");
            }
            import(workspace, &sandbox, Disk::new()).unwrap();
            assert_same(&files(workspace), &wanted, at);
            assert!(!workspace.root.join(".mirror-import").exists(), "{at}");
        });
        assert_eq!(sandbox.everything(), tree);
    }
    println!("killed at {points} points: 0 workspaces lost");
}

#[test]
fn what_fails_leaves_the_workspace_as_it_was() {
    let _alone = repo::alone();
    let sandbox = scene(false);
    let (_folder, done) = again(&sandbox);
    import(&done, &sandbox, Disk::new()).unwrap();
    let wanted = files(&done);
    let (_folder, before) = again(&sandbox);
    let before = files(&before);
    let mut points = 0;
    for fault in [Fault::Once, Fault::Full] {
        points += at_every_step(&sandbox, fault, |at, workspace, result| {
            assert!(matches!(result, Err(Error::Io { .. })), "{at}: {result:?}");
            let now = files(workspace);
            // Once all is in place, what fails is tidying up.
            if now != wanted {
                assert_same(&now, &before, at);
            }
            import(workspace, &sandbox, Disk::new()).unwrap();
            assert_same(&files(workspace), &wanted, at);
        });
    }
    println!("failed at {points} points");
}

#[test]
fn two_imports_do_not_meet() {
    let _alone = repo::alone();
    let sandbox = scene(false);
    let (_folder, workspace) = again(&sandbox);
    let before = files(&workspace);
    let other = fs::File::open(&workspace.root).unwrap();
    other.lock().unwrap();
    let error = import(&workspace, &sandbox, Disk::new()).unwrap_err();
    assert_eq!(error.kind(), mirror::Kind::Busy, "{error}");
    assert_same(
        &files(&workspace),
        &before,
        "while another import is at work",
    );
    drop(other);
    assert!(!import(&workspace, &sandbox, Disk::new())
        .unwrap()
        .is_empty());
}
