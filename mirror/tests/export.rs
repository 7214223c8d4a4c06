// SPDX-License-Identifier: GPL-2.0

//! Exported series, taken by `git am` in a kernel tree.

mod common;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::MutexGuard;

use common::{alone, git, set_executable, write, Sandbox};
use mirror::{
    apply, check, export, Disk, Error, ExportError, ExportOptions, Fit, Kind, Options, Series,
    State,
};

/// A sandbox whose workspace is in a repository, and whose tree is one.
struct Scene {
    sandbox: Sandbox,
    _alone: MutexGuard<'static, ()>,
}

impl Scene {
    fn new() -> Self {
        let guard = alone();
        let sandbox = Sandbox::with_maintainers();
        sandbox.commit("workspace: first");
        apply(&sandbox.flat(), &sandbox.tree(), Options::default()).unwrap();
        let tree = sandbox.tree_path();
        git(&tree, &["init", "--quiet"]);
        git(&tree, &["add", "--all", "--force"]);
        git(
            &tree,
            &["commit", "--quiet", "-m", "Linux, with the crates"],
        );
        Self {
            sandbox,
            _alone: guard,
        }
    }

    fn write(&self, path: &str, text: &str) {
        write(&self.sandbox.workspace_path().join(path), text);
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.sandbox.workspace_path().join(path)).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        let top = self.sandbox.workspace_path();
        fs::create_dir_all(top.join(to).parent().unwrap()).unwrap();
        fs::rename(top.join(from), top.join(to)).unwrap();
    }

    fn export(&self, since: &str) -> Result<Series, Error> {
        let tree = self.sandbox.tree();
        let options = ExportOptions::since(since);
        export(&self.sandbox.workspace_path(), Some(&tree), &options)
    }

    /// Writes the series, and lets git apply its patches to the tree.
    fn am(&self, series: &Series) {
        let mails = self.sandbox.root().join("mails");
        series.write(&Disk::new(), &mails).unwrap();
        let patches = series.mails[1..].iter().map(|mail| mails.join(&mail.name));
        let patches: Vec<_> = patches.map(|path| path.display().to_string()).collect();
        let mut arguments = vec!["am", "--quiet"];
        arguments.extend(patches.iter().map(String::as_str));
        git(&self.sandbox.tree_path(), &arguments);
    }

    /// Fails unless the tree holds what the workspace does.
    #[track_caller]
    fn assert_in_step(&self) {
        let State::Applied(differences) =
            check(&self.sandbox.flat(), &self.sandbox.tree()).unwrap()
        else {
            panic!("the crates are gone");
        };
        // The records are of another time.
        let files = differences.iter().map(|file| file.path.as_str());
        let flat = self.sandbox.flat();
        for path in files {
            let now = fs::read(self.sandbox.tree_path().join(path)).ok();
            let wanted = flat.files.get(path).map(|file| file.bytes().to_vec());
            assert!(
                now == wanted || path == mirror::LOCK,
                "{path} is not what the workspace has"
            );
        }
    }
}

#[test]
fn a_tree_gets_what_the_workspace_has() {
    let scene = Scene::new();
    scene.write(
        "kernel-core/src/error.rs",
        "// SPDX\n\n//! Früher: Fehler.\n",
    );
    scene.sandbox.commit("kernel-core: one file");
    // A rename with a change, a removal, new files, in one.
    scene.rename(
        "kernel-sync/src/sync/lock.rs",
        "kernel-sync/src/sync/lock/mutex.rs",
    );
    scene.write(
        "kernel-sync/src/sync.rs",
        "// SPDX-License-Identifier: GPL-2.0\n\n//! Locks.\n\n#[path = \"sync/lock/mutex.rs\"]\npub mod lock;\n",
    );
    scene.remove("kernel-core/src/print.rs");
    let seam = fs::read_to_string(
        scene
            .sandbox
            .workspace_path()
            .join("kernel-core/src/lib.rs"),
    );
    let seam = seam.unwrap().replace(
        "/// Text.\n#[cfg(CONFIG_PRINTK)]\npub mod print;\n",
        "pub mod with_bytes;\n",
    );
    scene.write("kernel-core/src/lib.rs", &seam);
    scene.write(
        "kernel-core/src/with_bytes.rs",
        "// No line break at the end",
    );
    scene.write("kernel-core/helpers/page.c", "// SPDX\n\tint x;\n\n\n");
    scene
        .sandbox
        .commit("kernel-sync: much at once\n\nWhy not.\n");
    // A file that moves between crates, and one whose bytes are no text.
    scene.rename("kernel-core/src/types.rs", "kernel-sync/src/types.rs");
    fs::write(
        scene
            .sandbox
            .workspace_path()
            .join("kernel-sync/src/sync/table.bin"),
        [0u8, 159, 146, 150, 10, 13, 10],
    )
    .unwrap();
    set_executable(
        &scene
            .sandbox
            .workspace_path()
            .join("kernel-sync/src/sync.rs"),
        true,
    );
    scene.write("kernel-sync/bindings.h", "#include <linux/spinlock.h>\n");
    scene
        .sandbox
        .commit("another subject\n\n[ With a note. ]\n");

    let series = scene.export("HEAD~3").unwrap();
    let subjects: Vec<_> = series.mails.iter().map(|mail| &*mail.subject).collect();
    assert_eq!(
        subjects,
        [
            "rust: changes to error, kernel and sync",
            "rust: error: one file",
            "rust: sync: much at once",
            "rust: kernel: another subject",
        ]
    );
    assert_eq!(series.fit, Some(Fit::Applies));
    assert!(!series.uncommitted);
    let names: BTreeSet<_> = series.mails.iter().map(|mail| &mail.name).collect();
    assert_eq!(names.len(), 4);
    scene.am(&series);
    scene.assert_in_step();
    let log = ["log", "-3", "--reverse", "--format=%an|%ai|%B"];
    assert_eq!(
        git(&scene.sandbox.tree_path(), &log),
        "Zoë Müller|2026-03-01 12:00:00 +0530|rust: error: one file\n\n\
         Zoë Müller|2026-03-01 12:00:00 +0530|rust: sync: much at once\n\nWhy not.\n\n\
         Zoë Müller|2026-03-01 12:00:00 +0530|rust: kernel: another subject\n\n[ With a note. ]\n\n"
    );
    // Then there is nothing left to do but the lock.
    let changes = apply(
        &scene.sandbox.flat(),
        &scene.sandbox.tree(),
        Options::default(),
    )
    .unwrap();
    assert_eq!((changes.written, changes.removed), (vec![], vec![]));

    let series = scene.export("HEAD~3").unwrap();
    assert_eq!(series.fit, Some(Fit::Applied));
}

#[test]
fn the_blobs_are_the_trees() {
    let scene = Scene::new();
    let before = git(
        &scene.sandbox.tree_path(),
        &["rev-parse", "HEAD:rust/kernel/error.rs"],
    );
    scene.write("kernel-core/src/error.rs", "// Changed.\n");
    scene.sandbox.commit("kernel-core: change");
    let series = scene.export("HEAD~1").unwrap();
    let mail = String::from_utf8(series.mails[1].bytes.clone()).unwrap();
    assert!(
        mail.contains(&format!("\nindex {}..", &before[..12])),
        "{mail}"
    );
    // So that git can merge where the tree went on.
    let text = "// Elsewhere.\n\n// SPDX-License-Identifier: GPL-2.0\n\n//! Types.\n";
    write(
        &scene.sandbox.tree_path().join("rust/kernel/types.rs"),
        text,
    );
    scene.am(&series);
}

#[test]
fn a_tree_that_went_on_still_takes_what_fits() {
    let scene = Scene::new();
    let long: String = (0..40).map(|line| format!("// Line {line}.\n")).collect();
    scene.write("kernel-core/src/error.rs", &long);
    scene.sandbox.commit("kernel-core: long");
    apply(
        &scene.sandbox.flat(),
        &scene.sandbox.tree(),
        Options::default(),
    )
    .unwrap();
    scene.write(
        "kernel-core/src/error.rs",
        &long.replace("// Line 30.", "// Line thirty."),
    );
    scene.sandbox.commit("kernel-core: thirty");
    let path = scene.sandbox.tree_path().join("rust/kernel/error.rs");
    write(&path, &format!("// Line -1.\n{long}"));
    assert_eq!(scene.export("HEAD~1").unwrap().fit, Some(Fit::Applies));

    write(&path, &long.replace("// Line 30.", "// Line XXX."));
    let error = scene.export("HEAD~1").unwrap_err();
    assert!(
        matches!(&error, Error::Export(ExportError::DoesNotApply { patch, .. })
            if patch == "0001-rust-error-thirty.patch"),
        "{error}"
    );
    assert_eq!(error.kind(), Kind::Tree);
}

#[test]
fn no_folder_is_half_written() {
    let scene = Scene::new();
    for n in 0..3 {
        scene.write("kernel-core/src/error.rs", &format!("// {n}\n"));
        scene.sandbox.commit(&format!("kernel-core: {n}"));
    }
    let series = scene.export("HEAD~3").unwrap();
    let wanted: BTreeSet<_> = series.mails.iter().map(|mail| mail.name.clone()).collect();
    let names = |dir: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(dir).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    let mut points = 0;
    for good in 0.. {
        // Both where there is no folder, and where there is an empty one; for an error, and a kill.
        let mut ended = false;
        for (empty, dead) in [(false, false), (false, true), (true, false), (true, true)] {
            let place = tempfile::tempdir().unwrap();
            let dir: PathBuf = place.path().join("above/mails");
            fs::create_dir_all(if empty { &dir } else { place.path() }).unwrap();
            let struck = Rc::new(Cell::new(false));
            let flag = struck.clone();
            let mut taken = 0;
            let disk = Disk::observed(move |_| {
                taken += 1;
                if taken == good + 1 || (dead && taken > good) {
                    flag.set(true);
                    return Err(io::Error::other("stopped"));
                }
                Ok(())
            });
            let result = series.write(&disk, &dir);
            assert_eq!(result.is_err(), struck.get());
            ended = !struck.get();
            if dir.exists() {
                let now = names(&dir);
                assert!(
                    now == wanted || (empty && now.is_empty()),
                    "{good}: {now:?}"
                );
            }
            if struck.get() {
                points += 1;
                // Once more, with what is left lying about.
                if !dir.exists() || names(&dir).is_empty() {
                    series.write(&Disk::new(), &dir).unwrap();
                }
            }
            assert_eq!(names(&dir), wanted);
            assert_eq!(names(dir.parent().unwrap()).len(), 1, "{good}");
        }
        if ended {
            break;
        }
    }
    assert!(points > 20, "only {points} points");

    let place = tempfile::tempdir().unwrap();
    write(&place.path().join("mails/mine.txt"), "mine\n");
    let error = series.write(&Disk::new(), &place.path().join("mails"));
    assert!(matches!(
        error,
        Err(Error::Export(ExportError::InTheWay { .. }))
    ));
    assert_eq!(names(&place.path().join("mails")).len(), 1);
}
