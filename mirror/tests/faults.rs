// SPDX-License-Identifier: GPL-2.0

//! Operations that are stopped at every step there is, in three ways:
//!
//! - the step fails, and all others work;
//! - from that step on the disk is full: nothing new can be written, but files can be renamed and
//!   removed;
//! - from that step on nothing works, as when the process is killed: what it wanted to do next does
//!   not happen.
//!
//! After a failure that is reported, the tree is as it was. After a kill, `check` says what state
//! the tree is in, and both `apply` and `restore` get from there to where they always get.

mod common;

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use common::{
    alone, append, assert_same, prepend, set_executable, workspace, write, Sandbox, Snapshot,
};
use mirror::{
    apply, check, restore, Changes, Disk, Error, Flat, Options, Selection, State, Step, Tree,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Once,
    Full,
    Dead,
}

/// A disk that works for `good` steps, and the first one after them that fails, if there is one.
fn disk(fault: Fault, good: usize) -> (Disk, Rc<Cell<Option<usize>>>) {
    let struck = Rc::new(Cell::new(None));
    let first = struck.clone();
    let mut taken = 0;
    let disk = Disk::observed(move |step| {
        taken += 1;
        let fails = match fault {
            Fault::Once => taken == good + 1,
            Fault::Dead => taken > good,
            Fault::Full => {
                taken > good
                    && matches!(
                        step,
                        Step::CreateFolder(_) | Step::Write(_) | Step::Link(..)
                    )
            }
        };
        if !fails {
            return Ok(());
        }
        first.set(first.get().or(Some(taken)));
        Err(match fault {
            Fault::Full => io::ErrorKind::StorageFull.into(),
            _ => io::Error::other("injected"),
        })
    });
    (disk, struck)
}

type Operation = fn(&Flat, &Tree, Options) -> Result<Changes, Error>;

fn put(flat: &Flat, tree: &Tree, options: Options) -> Result<Changes, Error> {
    apply(flat, tree, options)
}

fn take(_: &Flat, tree: &Tree, options: Options) -> Result<Changes, Error> {
    restore(tree, options)
}

/// A situation, and an operation to be stopped in it.
struct Scene {
    name: &'static str,
    sandbox: Sandbox,
    flat: Flat,
    operation: Operation,
    options: Options,
    pristine: Snapshot,
}

impl Scene {
    fn plain(name: &'static str, operation: Operation) -> Self {
        let sandbox = Sandbox::with_maintainers();
        Self {
            name,
            flat: sandbox.flat(),
            operation,
            options: Options::default(),
            pristine: sandbox.files(),
            sandbox,
        }
    }

    fn all() -> Vec<Self> {
        let first = Self::plain("first apply", put);

        let mut update = Self::plain("update", put);
        apply(&update.flat, &update.sandbox.tree(), Options::default()).unwrap();
        let crates = update.sandbox.root().join("workspace");
        write(&crates.join("kernel-core/src/error.rs"), "// changed\n");
        write(&crates.join("kernel-core/src/deep/er/new.rs"), "// new\n");
        std::fs::remove_file(crates.join("kernel-sync/src/sync/lock.rs")).unwrap();
        set_executable(&crates.join("kernel-core/src/types.rs"), true);
        update.flat = update.sandbox.flat();

        let out = Self::plain("restore", take);
        apply(&out.flat, &out.sandbox.tree(), Options::default()).unwrap();

        let mut over = Self::plain("apply over edits", put);
        apply(&over.flat, &over.sandbox.tree(), Options::default()).unwrap();
        let rust = over.sandbox.tree_path().join("rust/kernel");
        write(&rust.join("error.rs"), "// edited\n");
        write(&rust.join("extra.rs"), "// extra\n");
        over.options.overwrite_edits = true;

        vec![
            first,
            update,
            out,
            over,
            Self::both_sides("merge", false),
            Self::both_sides("conflict markers", true),
            Self::selected("one package", &one_package()),
            Self::selected("left out", &left_out()),
        ]
    }

    /// A workspace that moved on in several crates, some of which come to the tree.
    fn selected(name: &'static str, selection: &Selection) -> Self {
        let mut scene = Self::plain(name, put);
        apply(&scene.flat, &scene.sandbox.tree(), Options::default()).unwrap();
        let crates = scene.sandbox.root().join("workspace");
        append(&crates.join("kernel-core/src/error.rs"), "// newer\n");
        append(&crates.join("kernel-sync/src/sync/lock.rs"), "// newer\n");
        append(&crates.join("kernel-sync/bindings.h"), "#include <a.h>\n");
        write(&crates.join("kernel-sync/helpers/new.c"), "// new\n");
        let rust = scene.sandbox.tree_path().join("rust/kernel");
        append(&rust.join("print.rs"), "// edited\n");
        scene.flat = scene.sandbox.select(selection);
        scene
    }

    /// A tree and a workspace in which the same files changed, in ways that can be merged or not.
    fn both_sides(name: &'static str, conflict: bool) -> Self {
        let mut scene = Self::plain(name, put);
        apply(&scene.flat, &scene.sandbox.tree(), Options::default()).unwrap();
        let rust = scene.sandbox.tree_path().join("rust/kernel");
        prepend(&rust.join("error.rs"), "// edited\n");
        set_executable(&rust.join("print.rs"), true);
        write(&rust.join("extra.rs"), "// extra\n");
        std::fs::remove_file(rust.join("types.rs")).unwrap();
        let crates = scene.sandbox.root().join("workspace/kernel-core/src");
        append(&crates.join("error.rs"), "// newer\n");
        append(&crates.join("print.rs"), "// newer\n");
        write(&crates.join("deep/er/new.rs"), "// new\n");
        if conflict {
            append(&rust.join("error.rs"), "// edited\n");
        }
        scene.options.conflict_markers = conflict;
        scene.flat = scene.sandbox.flat();
        scene
    }

    /// The tree once the operation has happened.
    fn done(&self) -> Sandbox {
        let sandbox = self.sandbox.again();
        (self.operation)(&self.flat, &sandbox.tree(), self.options).unwrap();
        sandbox
    }

    fn state(&self, sandbox: &Sandbox) -> State {
        check(&self.flat, &sandbox.tree()).unwrap()
    }
}

fn one_package() -> Selection {
    let mut selection = Selection::default();
    selection.add_package("kernel-sync").unwrap();
    selection
}

fn left_out() -> Selection {
    let mut selection = Selection::default();
    selection.without.insert("kernel-sync".to_owned());
    selection
}

/// Everything but copies of overwritten edits, which may be there more than once.
fn without_copies(sandbox: &Sandbox) -> Snapshot {
    let mut files = sandbox.everything();
    files.retain(|path, _| !path.starts_with("rust/kernel/.mirror/saved/"));
    files
}

/// Stops `operation` at every step; `then` sees what is left.
fn at_every_step(
    scene: &Scene,
    fault: Fault,
    mut then: impl FnMut(usize, Sandbox, Result<Changes, Error>),
) {
    let mut good = 0;
    loop {
        let sandbox = scene.sandbox.again();
        let (disk, struck) = disk(fault, good);
        let result = (scene.operation)(&scene.flat, &sandbox.tree_on(disk), scene.options);
        let Some(first) = struck.get() else {
            assert!(result.is_ok());
            assert!(good > 10, "{}: only {good} steps", scene.name);
            return;
        };
        then(good, sandbox, result);
        // A full disk does not mind the steps up to the one that failed.
        good = first;
    }
}

#[test]
fn what_fails_leaves_the_tree_as_it_was() {
    let _guard = alone();
    for fault in [Fault::Once, Fault::Full] {
        for scene in Scene::all() {
            let before = scene.sandbox.files();
            let state = scene.state(&scene.sandbox);
            let done = scene.done().files();
            at_every_step(&scene, fault, |good, sandbox, result| {
                let at = format!("{}, {fault:?} after {good} steps", scene.name);
                match result {
                    // Only tidying up may fail unnoticed.
                    Ok(_) => assert_same(&sandbox.files(), &done, &at),
                    Err(Error::Io { .. }) => {
                        assert_same(&sandbox.files(), &before, &at);
                        assert_eq!(scene.state(&sandbox), state, "{at}");
                    }
                    Err(error) => panic!("{at}: {error}"),
                }
            });
        }
    }
}

#[test]
fn what_is_killed_can_be_mended() {
    let _guard = alone();
    let mut points = 0;
    for scene in Scene::all() {
        let before = scene.sandbox.files();
        let done = scene.done();
        let (whole, done) = (without_copies(&done), done.files());
        let was = scene.state(&scene.sandbox);
        let mut interrupted = 0;
        at_every_step(&scene, Fault::Dead, |good, sandbox, result| {
            points += 1;
            let at = format!("{}, killed after {good} steps", scene.name);
            let state = scene.state(&sandbox);
            if let State::Interrupted(_) = state {
                interrupted += 1;
                assert!(matches!(result, Err(Error::Interrupted { .. })), "{at}");
            } else if sandbox.files() == before {
                assert_eq!(state, was, "{at}");
                assert!(matches!(result, Err(Error::Io { .. })), "{at}");
            } else {
                assert_same(&sandbox.files(), &done, &at);
            }

            // The same again comes to the same end.
            let mended = sandbox.again();
            (scene.operation)(&scene.flat, &mended.tree(), scene.options).unwrap();
            // With all that later merges and `restore` need.
            assert_same(
                &without_copies(&mended),
                &whole,
                format!("{at}, and done again"),
            );

            let over = Options {
                overwrite_edits: true,
                ..Options::default()
            };
            let applied = sandbox.again();
            apply(&scene.flat, &applied.tree(), over).unwrap();
            assert!(scene.state(&applied).is_in_step(), "{at}, then applied");
            restore(&applied.tree(), over).unwrap();
            assert_same(
                &applied.files(),
                &scene.pristine,
                format!("{at}, applied, restored"),
            );

            restore(&sandbox.tree(), over).unwrap();
            assert_same(
                &sandbox.files(),
                &scene.pristine,
                format!("{at}, then restored"),
            );
        });
        assert!(interrupted > 5, "{}: {interrupted}", scene.name);
    }
    println!("{points} kill points, 0 trees lost");
}

#[test]
fn mending_can_be_killed_as_well() {
    let _guard = alone();
    let mut points = 0;
    for scene in Scene::all() {
        let done = scene.done().files();
        at_every_step(&scene, Fault::Dead, |good, sandbox, _| {
            // Every seventh is enough of the square of all steps.
            if good % 7 != 0 || !matches!(scene.state(&sandbox), State::Interrupted(_)) {
                return;
            }
            for steps in 0.. {
                points += 1;
                let again = sandbox.again();
                let (disk, struck) = disk(Fault::Dead, steps);
                // Mending comes first; stop where the operation proper begins.
                let _ = (scene.operation)(&scene.flat, &again.tree_on(disk), scene.options);
                let state = scene.state(&again);
                (scene.operation)(&scene.flat, &again.tree(), scene.options).unwrap();
                let at = format!("{}, killed after {good}, then {steps} steps", scene.name);
                assert_same(&again.files(), &done, at);
                if struck.get().is_none() || !matches!(state, State::Interrupted(_)) {
                    break;
                }
            }
        });
    }
    println!("{points} kill points while mending, 0 trees lost");
}

#[test]
fn nothing_private_is_left_after_a_round_trip() {
    let _guard = alone();
    let sandbox = Sandbox::new();
    let before = sandbox.everything();
    apply(&sandbox.flat(), &sandbox.tree(), Options::default()).unwrap();
    restore(&sandbox.tree(), Options::default()).unwrap();
    assert_eq!(sandbox.everything(), before);
    assert!(!sandbox.tree_path().join("rust/kernel/.mirror").exists());
}

#[test]
fn what_is_killed_leaves_the_choice_of_crates_as_it_was() {
    let _guard = alone();
    for (name, selection) in [("one package", one_package()), ("left out", left_out())] {
        let scene = Scene::selected(name, &selection);
        let all = scene.sandbox.select(&Selection::default());
        let one = scene.sandbox.select(&one_package());
        let workspace = workspace(&scene.sandbox.root().join("workspace"));
        let select = |sandbox: &Sandbox, selection: &Selection| {
            mirror::select(&workspace, &sandbox.tree(), selection).unwrap()
        };
        at_every_step(&scene, Fault::Dead, |good, sandbox, _| {
            let at = format!("{name}, killed after {good} steps");
            if let State::Interrupted(_) = scene.state(&sandbox) {
                // What is not known to have happened has not.
                assert_flat(&select(&sandbox, &Selection::default()), &all, &at);
                assert_flat(&select(&sandbox, &one_package()), &one, &at);
            }
        });
    }
}

#[track_caller]
fn assert_flat(now: &Flat, wanted: &Flat, at: &str) {
    let digests = |flat: &Flat| -> Vec<_> {
        let files = flat.files.iter();
        files
            .map(|(path, file)| (path.clone(), file.digest().clone()))
            .collect()
    };
    assert_eq!(digests(now), digests(wanted), "{at}");
    assert_eq!(now.left_out, wanted.left_out, "{at}");
}
