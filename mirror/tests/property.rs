// SPDX-License-Identifier: GPL-2.0

//! Whatever the tree holds, whatever the crates consist of, and whatever is done in between: after
//! `apply` the crates' places hold the crates, a second `apply` touches nothing, and `restore` brings
//! back every byte.

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::{assert_same, snapshot, write, Sandbox, Snapshot, Thing};
use mirror::{apply, check, is_ours, restore, Disk, Flat, FlatFile, Options, Origin, State};
use proptest::prelude::*;

/// Places of the crates, of others, and of files that are the crates' only if one has them.
const PATHS: [&str; 16] = [
    "rust/Makefile",
    "rust/bindings/bindings_helper.h",
    "rust/bindings/lib.rs",
    "rust/exports.c",
    "rust/ffi.rs",
    "rust/helpers/a.c",
    "rust/helpers/helpers.c",
    "rust/kernel/.gitignore",
    "rust/kernel/Kconfig.test",
    "rust/kernel/a.rs",
    "rust/kernel/a/b.rs",
    "rust/kernel/a/b/c.rs",
    "rust/kernel/notes.md",
    "rust/kernel/warn.rs.S",
    "rust/macros/lib.rs",
    "rust/macros/m/n.rs",
];

/// Those of [`PATHS`] that a crate may write.
fn is_writable(path: &str) -> bool {
    is_ours(path) || path == "rust/kernel/notes.md"
}

type Files = BTreeMap<String, String>;

#[derive(Clone, Debug)]
enum Event {
    Apply(Files),
    Restore,
    Edit(&'static str, String),
    Remove(&'static str),
}

fn content() -> impl Strategy<Value = String> {
    // Few, so that different files have the same content, and changes change back.
    prop_oneof![
        Just(String::new()),
        Just("one\n".to_owned()),
        Just("two\n".to_owned()),
        "[a-c\n]{0,6}",
    ]
}

fn files(of: fn(&str) -> bool) -> impl Strategy<Value = Files> {
    let paths: Vec<_> = PATHS.into_iter().filter(|path| of(path)).collect();
    let some = proptest::sample::subsequence(paths.clone(), 0..=paths.len());
    some.prop_flat_map(|paths| {
        let contents = proptest::collection::vec(content(), paths.len());
        contents.prop_map(move |contents| {
            let names = paths.iter().map(|path| path.to_string());
            names.zip(contents).collect()
        })
    })
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => files(is_writable).prop_map(Event::Apply),
        1 => Just(Event::Restore),
        3 => (proptest::sample::select(&PATHS[..]), content())
            .prop_map(|(path, text)| Event::Edit(path, text)),
        1 => proptest::sample::select(&PATHS[..]).prop_map(Event::Remove),
    ]
}

fn flat(files: &Files) -> Flat {
    let mut flat = Flat::default();
    for (path, text) in files {
        let origin = Origin::Copied {
            package: "kernel-x".to_owned(),
            source: path.into(),
        };
        let file = FlatFile::new(text.clone().into_bytes(), origin);
        flat.files.insert(path.clone(), file);
    }
    flat
}

/// A bare tree with these files in it.
fn sandbox(files: &Files) -> Sandbox {
    let sandbox = Sandbox::new();
    let tree = sandbox.tree_path();
    fs::remove_dir_all(tree.join("rust")).unwrap();
    for folder in ["bindings", "kernel", "macros"] {
        fs::create_dir_all(tree.join("rust").join(folder)).unwrap();
    }
    for (path, text) in files {
        write(&tree.join(path), text);
    }
    write(&tree.join("rust/Makefile"), "# a tree has one\n");
    sandbox
}

/// What [`PATHS`] hold in the tree.
fn now(sandbox: &Sandbox) -> Files {
    let held = snapshot(&sandbox.tree_path());
    let file = |path: &str| match held.get(path) {
        Some(Thing::File(text)) => Some((path.to_owned(), text.clone())),
        _ => None,
    };
    PATHS.into_iter().filter_map(file).collect()
}

fn as_snapshot(files: &Files) -> Snapshot {
    files
        .iter()
        .map(|(path, text)| (path.clone(), Thing::File(text.clone())))
        .collect()
}

const OVER: Options = Options {
    overwrite_edits: true,
    dry_run: false,
};

fn silent(sandbox: &Sandbox) -> mirror::Tree {
    sandbox.tree_on(Disk::observed(|step| panic!("not to be touched: {step:?}")))
}

/// What the operations come to, said in another way.
#[derive(Debug, Default)]
struct Model {
    now: Files,
    /// What was there before, since the first `apply`.
    original: Option<Files>,
    /// What the latest `apply` put there.
    written: Files,
}

impl Model {
    /// Whether the place is the crates' at the moment.
    fn is_taken(&self, path: &str) -> bool {
        let original = self.original.as_ref();
        is_ours(path)
            || self.written.contains_key(path)
            || original.is_some_and(|files| files.contains_key(path))
    }

    /// Whether nothing in the tree would be lost.
    fn is_safe(&self, crates: &Files) -> bool {
        let Some(original) = &self.original else {
            return true;
        };
        let known = |path: &String, text| {
            [&self.written, original, crates]
                .iter()
                .any(|files| files.get(path) == Some(text))
        };
        self.now
            .iter()
            .all(|(path, text)| !self.is_taken(path) || known(path, text))
    }

    fn apply(&mut self, crates: Files) {
        let first = self.original.is_none();
        let mut original = self.original.clone().unwrap_or_default();
        for (path, text) in &self.now {
            let claimed = crates.contains_key(path) && !self.is_taken(path);
            if claimed || (first && is_ours(path)) {
                original.insert(path.clone(), text.clone());
            }
        }
        self.original = Some(original);
        let mut now = std::mem::take(&mut self.now);
        now.retain(|path, _| !self.is_taken(path));
        now.extend(crates.clone());
        self.now = now;
        self.written = crates;
    }

    fn restore(&mut self) {
        let mut now = std::mem::take(&mut self.now);
        if self.original.is_some() {
            now.retain(|path, _| !self.is_taken(path));
        }
        now.extend(self.original.take().unwrap_or_default());
        self.now = now;
        self.written.clear();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn restore_undoes_apply(before in files(|_| true), crates in files(is_writable)) {
        let sandbox = sandbox(&before);
        let whole = sandbox.everything();
        let flat = flat(&crates);
        apply(&flat, &sandbox.tree(), Options::default()).unwrap();
        for (path, text) in now(&sandbox) {
            if is_ours(&path) {
                prop_assert_eq!(crates.get(&path), Some(&text));
            }
        }
        prop_assert!(apply(&flat, &silent(&sandbox), Options::default()).unwrap().is_empty());
        prop_assert!(check(&flat, &sandbox.tree()).unwrap().is_in_step());
        restore(&sandbox.tree(), Options::default()).unwrap();
        assert_same(&sandbox.everything(), &whole, "restored");
    }

    #[test]
    fn edits_never_go_unnoticed(
        before in files(|_| true),
        events in proptest::collection::vec(event(), 1..8),
    ) {
        let sandbox = sandbox(&before);
        let tree = sandbox.tree_path();
        let mut model = Model { now: now(&sandbox), ..Model::default() };
        for event in events {
            match event {
                Event::Edit("rust/Makefile", _) | Event::Remove("rust/Makefile") => {}
                Event::Edit(path, text) => {
                    write(&tree.join(path), &text);
                    model.now.insert(path.to_owned(), text);
                }
                Event::Remove(path) => {
                    let _ = fs::remove_file(tree.join(path));
                    model.now.remove(path);
                }
                Event::Apply(crates) => {
                    let flat = flat(&crates);
                    let result = apply(&flat, &sandbox.tree(), Options::default());
                    prop_assert_eq!(result.is_ok(), model.is_safe(&crates), "{:?}", result);
                    apply(&flat, &sandbox.tree(), OVER).unwrap();
                    model.apply(crates);
                    let again = apply(&flat, &silent(&sandbox), Options::default()).unwrap();
                    prop_assert!(again.is_empty());
                    prop_assert!(check(&flat, &sandbox.tree()).unwrap().is_in_step());
                }
                Event::Restore => {
                    restore(&sandbox.tree(), OVER).unwrap();
                    model.restore();
                    let state = check(&Flat::default(), &sandbox.tree()).unwrap();
                    prop_assert_eq!(state, State::NotApplied);
                }
            }
            assert_same(&as_snapshot(&now(&sandbox)), &as_snapshot(&model.now), "the model");
        }
    }
}
