// SPDX-License-Identifier: GPL-2.0

//! Whatever the tree holds, whatever the crates consist of, and whatever is done in between: after
//! `apply` the crates' places hold the crates and what was edited there, a second `apply` touches
//! nothing, and `restore` brings back every byte.

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::{alone, assert_same, set_executable, snapshot, write, Sandbox, Snapshot, Thing};
use mirror::{apply, check, is_ours, restore, Disk, Error, Flat, FlatFile, Options, Origin};
use mirror::{Changes, State};
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

/// A file: its text, and whether it can be run.
type Text = (String, bool);
type Files = BTreeMap<String, Text>;

#[derive(Clone, Debug)]
enum Event {
    /// Whether over edits.
    Apply(Files, bool),
    Restore,
    Edit(&'static str, Text),
    Toggle(&'static str),
    Remove(&'static str),
    /// The bases of merges are gone, as in a copy made by version control.
    Forget,
}

fn content() -> impl Strategy<Value = Text> {
    // Few, so that different files have the same content, and changes change back.
    let text = prop_oneof![
        Just(String::new()),
        Just("one\n".to_owned()),
        Just("two\n".to_owned()),
        Just("one\n\n\n\ntwo\n".to_owned()),
        Just("one\n\n\n\nthree\n".to_owned()),
        Just("zero\n\n\n\ntwo\n".to_owned()),
        "[a-c\n]{0,6}",
    ];
    (text, proptest::bool::weighted(0.1))
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
    let path = || proptest::sample::select(&PATHS[..]);
    prop_oneof![
        6 => (files(is_writable), proptest::bool::weighted(0.3))
            .prop_map(|(files, over)| Event::Apply(files, over)),
        1 => Just(Event::Restore),
        4 => (path(), content()).prop_map(|(path, text)| Event::Edit(path, text)),
        1 => path().prop_map(Event::Toggle),
        1 => path().prop_map(Event::Remove),
        1 => Just(Event::Forget),
    ]
}

fn flat(files: &Files) -> Flat {
    let mut flat = Flat::default();
    for (path, (text, executable)) in files {
        let origin = Origin::Copied {
            package: "kernel-x".to_owned(),
            source: path.into(),
        };
        let file = FlatFile::new(text.clone().into_bytes(), origin).executable(*executable);
        flat.files.insert(path.clone(), file);
    }
    flat
}

fn put(sandbox: &Sandbox, path: &str, (text, executable): &Text) {
    let path = sandbox.tree_path().join(path);
    write(&path, text);
    set_executable(&path, *executable);
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
        put(&sandbox, path, text);
    }
    write(&tree.join("rust/Makefile"), "# a tree has one\n");
    sandbox
}

/// What [`PATHS`] hold in the tree.
fn now(sandbox: &Sandbox) -> Files {
    let held = snapshot(&sandbox.tree_path());
    let file = |path: &str| match held.get(path) {
        Some(Thing::File(text)) => Some((path.to_owned(), (text.clone(), false))),
        Some(Thing::Program(text)) => Some((path.to_owned(), (text.clone(), true))),
        _ => None,
    };
    PATHS.into_iter().filter_map(file).collect()
}

fn as_snapshot(files: &Files) -> Snapshot {
    files
        .iter()
        .map(|(path, (text, executable))| {
            let thing = match executable {
                true => Thing::Program(text.clone()),
                false => Thing::File(text.clone()),
            };
            (path.clone(), thing)
        })
        .collect()
}

const OVER: Options = Options {
    overwrite_edits: true,
    conflict_markers: false,
    dry_run: false,
};

fn silent(sandbox: &Sandbox) -> mirror::Tree {
    sandbox.tree_on(Disk::observed(|step| panic!("not to be touched: {step:?}")))
}

/// What is to become of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is to be the workspace's.
    Take,
    /// It stays.
    Keep,
    /// Both sides changed it.
    Merge,
    /// It is in the way.
    Refuse,
}

/// What the operations come to, said in another way.
#[derive(Debug, Default)]
struct Model {
    now: Files,
    /// What was there before, since the first `apply`.
    original: Option<Files>,
    /// What the workspace had at the latest `apply`.
    written: Files,
    /// Whether that is still there to be merged with.
    remembers: bool,
}

impl Model {
    /// Whether the place is the crates' at the moment.
    fn is_taken(&self, path: &str) -> bool {
        let original = self.original.as_ref();
        is_ours(path)
            || self.written.contains_key(path)
            || original.is_some_and(|files| files.contains_key(path))
    }

    fn fate(&self, crates: &Files, path: &str) -> Fate {
        let Some(original) = &self.original else {
            return Fate::Take;
        };
        let (want, have) = (crates.get(path), self.now.get(path));
        let (base, first) = (self.written.get(path), original.get(path));
        let is_known = match have {
            Some(_) => have == base || have == first,
            None => base.is_none(),
        };
        match (want, have, base) {
            _ if want == have || is_known || !self.is_taken(path) => Fate::Take,
            _ if want == base => Fate::Keep,
            (Some(want), Some(have), Some(base)) => {
                let both_texts = want.0 != have.0 && want.0 != base.0 && have.0 != base.0;
                match both_texts && !self.remembers {
                    true => Fate::Refuse,
                    false => Fate::Merge,
                }
            }
            _ => Fate::Refuse,
        }
    }

    /// Whether nothing in the tree would be lost by `restore`.
    fn is_safe(&self) -> bool {
        let Some(original) = &self.original else {
            return true;
        };
        self.now.iter().all(|(path, text)| {
            let known = [&self.written, original];
            !self.is_taken(path) || known.iter().any(|files| files.get(path) == Some(text))
        })
    }

    /// `merged` has what became of files that both sides changed.
    fn apply(&mut self, crates: Files, merged: Option<&Files>) {
        let first = self.original.is_none();
        let mut original = self.original.clone().unwrap_or_default();
        for (path, text) in &self.now {
            let claimed = crates.contains_key(path) && !self.is_taken(path);
            if claimed || (first && is_ours(path)) {
                original.insert(path.clone(), text.clone());
            }
        }
        let mut now = Files::new();
        for path in PATHS {
            let fate = match self.is_taken(path) || crates.contains_key(path) {
                true => self.fate(&crates, path),
                false => Fate::Keep,
            };
            let file = match (fate, merged) {
                (Fate::Merge, Some(merged)) => merged.get(path),
                (Fate::Keep, _) if merged.is_some() || !self.is_taken(path) => self.now.get(path),
                _ => crates.get(path),
            };
            now.extend(file.map(|file| (path.to_owned(), file.clone())));
        }
        self.now = now;
        self.original = Some(original);
        self.written = crates;
        self.remembers = true;
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

/// Applies, and takes the model along. Says whether it was done.
fn apply_both(sandbox: &Sandbox, model: &mut Model, crates: Files) -> Result<bool, TestCaseError> {
    let flat = flat(&crates);
    let fates: Vec<_> = PATHS
        .into_iter()
        .filter(|path| model.is_taken(path) || crates.contains_key(*path))
        .map(|path| (path, model.fate(&crates, path)))
        .collect();
    let refuses = fates.iter().any(|(_, fate)| *fate == Fate::Refuse);
    let whole = sandbox.everything();
    let changes: Changes = match apply(&flat, &sandbox.tree(), Options::default()) {
        Ok(changes) => changes,
        Err(Error::Conflicts { conflicts, .. }) => {
            assert_same(&sandbox.everything(), &whole, "refused");
            for conflict in conflicts {
                let (_, fate) = fates
                    .iter()
                    .find(|(path, _)| **path == conflict.path)
                    .unwrap();
                prop_assert!(matches!(fate, Fate::Merge | Fate::Refuse), "{conflict:?}");
            }
            prop_assert!(refuses || fates.iter().any(|(_, fate)| *fate == Fate::Merge));
            return Ok(false);
        }
        Err(error) => panic!("{error}"),
    };
    prop_assert!(!refuses);
    let after = now(sandbox);
    for path in &changes.merged {
        prop_assert!(fates.contains(&(path.as_str(), Fate::Merge)), "{path}");
        let (text, executable) = &after[path];
        let sides = [&model.now[path], &crates[path], &model.written[path]];
        let [have, want, base] = sides;
        prop_assert_eq!(*executable, if have.1 == base.1 { want.1 } else { have.1 });
        if have.0 == base.0 {
            prop_assert_eq!(text, &want.0);
        }
    }
    for path in changes.kept.keys() {
        prop_assert_eq!(after.get(path), model.now.get(path));
    }
    model.apply(crates, Some(&after));
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn restore_undoes_apply(before in files(|_| true), crates in files(is_writable)) {
        let _guard = alone();
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
    fn edits_are_never_lost(
        before in files(|_| true),
        events in proptest::collection::vec(event(), 1..10),
    ) {
        let _guard = alone();
        let sandbox = sandbox(&before);
        let tree = sandbox.tree_path();
        let mut model = Model { now: now(&sandbox), ..Model::default() };
        for event in events {
            match event {
                Event::Edit("rust/Makefile", _)
                | Event::Remove("rust/Makefile")
                | Event::Toggle("rust/Makefile") => {}
                Event::Edit(path, text) => {
                    put(&sandbox, path, &text);
                    model.now.insert(path.to_owned(), text);
                }
                Event::Toggle(path) => {
                    if let Some((_, executable)) = model.now.get_mut(path) {
                        *executable = !*executable;
                        set_executable(&tree.join(path), *executable);
                    }
                }
                Event::Remove(path) => {
                    let _ = fs::remove_file(tree.join(path));
                    model.now.remove(path);
                }
                Event::Forget => {
                    let _ = fs::remove_dir_all(tree.join("rust/kernel/.mirror/base"));
                    model.remembers = false;
                }
                Event::Apply(crates, false) => {
                    if apply_both(&sandbox, &mut model, crates)? {
                        let flat = flat(&model.written);
                        let again = apply(&flat, &silent(&sandbox), Options::default()).unwrap();
                        prop_assert!(again.is_empty());
                        let differs = PATHS.into_iter().any(|path| {
                            model.is_taken(path) && model.now.get(path) != model.written.get(path)
                        });
                        let state = check(&flat, &sandbox.tree()).unwrap();
                        prop_assert_eq!(state.is_in_step(), !differs, "{:?}", state);
                    }
                }
                Event::Apply(crates, true) => {
                    let flat = flat(&crates);
                    apply(&flat, &sandbox.tree(), OVER).unwrap();
                    model.apply(crates, None);
                    prop_assert!(check(&flat, &sandbox.tree()).unwrap().is_in_step());
                }
                Event::Restore => {
                    let result = restore(&sandbox.tree(), Options::default());
                    prop_assert_eq!(result.is_ok(), model.is_safe(), "{:?}", result);
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
