// SPDX-License-Identifier: GPL-2.0

//! Files that change both in the tree and in the workspace.

mod common;

use std::fs;

use common::{alone, is_executable, set_executable, write, Sandbox};
use mirror::{apply, check, restore, Cause, Changes, Difference, Error, Flat, FlatFile, Options};
use mirror::{Origin, State};
use proptest::prelude::*;

const PATH: &str = "rust/kernel/error.rs";

const MARKERS: Options = Options {
    conflict_markers: true,
    overwrite_edits: false,
    dry_run: false,
};

fn flat(text: &[u8], executable: bool) -> Flat {
    let mut flat = Flat::default();
    let origin = Origin::Copied {
        package: "kernel-x".to_owned(),
        source: PATH.into(),
    };
    let file = FlatFile::new(text.to_vec(), origin).executable(executable);
    flat.files.insert(PATH.to_owned(), file);
    flat
}

/// A file that was applied, and then changed in the tree.
struct Edited {
    sandbox: Sandbox,
}

impl Edited {
    fn new(base: &[u8], tree: &[u8]) -> Self {
        let edited = Self {
            sandbox: Sandbox::new(),
        };
        apply(
            &flat(base, false),
            &edited.sandbox.tree(),
            Options::default(),
        )
        .unwrap();
        fs::write(edited.path(), tree).unwrap();
        edited
    }

    fn path(&self) -> std::path::PathBuf {
        self.sandbox.tree_path().join(PATH)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    /// Applies what the workspace has by now.
    fn apply(&self, workspace: &[u8], options: Options) -> Result<Changes, Error> {
        apply(&flat(workspace, false), &self.sandbox.tree(), options)
    }

    fn cause(&self, workspace: &[u8]) -> Cause {
        let before = self.sandbox.everything();
        let error = self.apply(workspace, Options::default()).unwrap_err();
        assert_eq!(self.sandbox.everything(), before);
        match &error {
            Error::Conflicts { conflicts, .. } => conflicts[0].cause,
            error => panic!("{error}"),
        }
    }
}

#[test]
fn both_changes_arrive_and_the_next_base_is_the_workspace() {
    let _guard = alone();
    let edited = Edited::new(b"1\n2\n3\n", b"tree\n1\n2\n3\n");
    let changes = edited
        .apply(b"1\n2\n3\nnewer\n", Options::default())
        .unwrap();
    assert_eq!(changes.merged, [PATH]);
    assert_eq!(edited.text(), "tree\n1\n2\n3\nnewer\n");

    let now = flat(b"1\n2\n3\nnewer\n", false);
    let State::Applied(files) = check(&now, &edited.sandbox.tree()).unwrap() else {
        panic!("not applied");
    };
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].difference, Difference::Edited);

    // Once more, from there.
    edited
        .apply(b"1\n2\n3\nnewest\n", Options::default())
        .unwrap();
    assert_eq!(edited.text(), "tree\n1\n2\n3\nnewest\n");
    // The workspace takes the edit over.
    let changes = edited
        .apply(b"tree\n1\n2\n3\nnewest\n", Options::default())
        .unwrap();
    assert!(changes.lock && changes.written.is_empty() && changes.kept.is_empty());
    assert_eq!(edited.text(), "tree\n1\n2\n3\nnewest\n");
}

#[test]
fn a_merge_that_comes_to_one_of_the_sides_is_none() {
    let _guard = alone();
    // The tree has what the workspace has by now, and more.
    let edited = Edited::new(b"1\n2\n3\n", b"tree\n1\n2\n3\nboth\n");
    let changes = edited
        .apply(b"1\n2\n3\nboth\n", Options::default())
        .unwrap();
    assert_eq!(changes.kept[PATH], Difference::Edited);
    assert!(changes.merged.is_empty());
    // And the other way round.
    let edited = Edited::new(b"1\n2\n3\n", b"1\n2\n3\nboth\n");
    let changes = edited
        .apply(b"newer\n1\n2\n3\nboth\n", Options::default())
        .unwrap();
    assert_eq!(changes.written, [PATH]);
    assert!(changes.merged.is_empty());
    assert_eq!(edited.text(), "newer\n1\n2\n3\nboth\n");
}

#[test]
fn a_mode_is_merged_by_itself() {
    let _guard = alone();
    let edited = Edited::new(b"1\n", b"1\n");
    set_executable(&edited.path(), true);
    assert_eq!(
        edited.apply(b"1\n", Options::default()).unwrap().kept[PATH],
        Difference::Edited
    );
    let changes = edited.apply(b"2\n", Options::default()).unwrap();
    assert_eq!(changes.merged, [PATH]);
    assert!(is_executable(&edited.path()));
    assert_eq!(edited.text(), "2\n");
    // The workspace's mode arrives at a file edited in the tree.
    let edited = Edited::new(b"1\n", b"tree\n");
    apply(
        &flat(b"1\n", true),
        &edited.sandbox.tree(),
        Options::default(),
    )
    .unwrap();
    assert!(is_executable(&edited.path()));
    assert_eq!(edited.text(), "tree\n");
}

#[test]
fn only_texts_with_a_base_are_merged() {
    let _guard = alone();
    let edited = Edited::new(b"1\n2\n3\n", b"1\n\xff\n3\n");
    assert_eq!(edited.cause(b"1\n2\n3\nnewer\n"), Cause::NotText);
    let edited = Edited::new(b"1\n2\n3\n", b"1\n2\n3\n\0");
    assert_eq!(edited.cause(b"newer\n1\n2\n3\n"), Cause::NotText);

    let edited = Edited::new(b"1\n2\n3\n", b"tree\n1\n2\n3\n");
    let base = edited.sandbox.tree_path().join("rust/kernel/.mirror/base");
    for entry in fs::read_dir(&base).unwrap() {
        // Of the right length, and damaged all the same.
        fs::write(entry.unwrap().path(), "1\nx\n3\n").unwrap();
    }
    assert_eq!(edited.cause(b"1\n2\n3\nnewer\n"), Cause::NoBase);
    fs::remove_dir_all(base).unwrap();
    assert_eq!(edited.cause(b"1\n2\n3\nnewer\n"), Cause::NoBase);

    let edited = Edited::new(b"1\n", b"tree\n");
    fs::remove_file(edited.path()).unwrap();
    assert_eq!(edited.cause(b"newer\n"), Cause::GoneFromTree);
    let edited = Edited::new(b"1\n", b"tree\n");
    let error = apply(&Flat::default(), &edited.sandbox.tree(), MARKERS).unwrap_err();
    let Error::Conflicts { conflicts, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(conflicts[0].cause, Cause::GoneFromWorkspace);
    assert_eq!(edited.text(), "tree\n");
}

#[test]
fn an_apply_that_has_nothing_to_do_brings_the_base_back() {
    let _guard = alone();
    let edited = Edited::new(b"1\n2\n3\n", b"1\n2\n3\n");
    fs::remove_dir_all(edited.sandbox.tree_path().join("rust/kernel/.mirror")).unwrap();
    let changes = edited.apply(b"1\n2\n3\n", Options::default()).unwrap();
    assert!(changes.is_empty());
    write(&edited.path(), "tree\n1\n2\n3\n");
    edited
        .apply(b"1\n2\n3\nnewer\n", Options::default())
        .unwrap();
    assert_eq!(edited.text(), "tree\n1\n2\n3\nnewer\n");
}

/// What happens to a line, of which there is no other like it.
#[derive(Clone, Copy, Debug)]
enum Edit {
    None,
    Replace,
    Remove,
    InsertBefore,
    InsertAfter,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => Just(Edit::None),
        1 => Just(Edit::Replace),
        1 => Just(Edit::Remove),
        1 => Just(Edit::InsertBefore),
        1 => Just(Edit::InsertAfter),
    ]
}

fn with_edits(lines: usize, side: &str, edits: impl Fn(usize) -> Edit) -> String {
    let mut text = String::new();
    for at in 0..lines {
        let (line, new) = (format!("line {at}\n"), format!("ä {side} {at}\n"));
        text += &match edits(at) {
            Edit::None => line,
            Edit::Replace => new,
            Edit::Remove => String::new(),
            Edit::InsertBefore => new + &line,
            Edit::InsertAfter => line + &new,
        };
    }
    text
}

/// Lines of which many are the same, as in a program.
fn program(side: &'static str) -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        2 => Just("}".to_owned()),
        1 => Just(String::new()),
        3 => (0..6_u32).prop_map(|n| format!("line {n}")),
        2 => (0..6_u32).prop_map(move |n| format!("{side} {n}")),
    ];
    proptest::collection::vec(line, 0..10)
}

fn joined(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Every other place is edited on one side, with an unchanged line between them.
    #[test]
    fn edits_in_different_places_both_arrive(
        edits in proptest::collection::vec((edit(), any::<bool>()), 1..12),
    ) {
        let _guard = alone();
        let lines = edits.len() * 3;
        let on = |side: Option<bool>| {
            let edits = &edits;
            move |at: usize| match edits[at / 3] {
                (edit, of) if at % 3 == 1 && side.is_none_or(|side| side == of) => edit,
                _ => Edit::None,
            }
        };
        let base = with_edits(lines, "", |_| Edit::None);
        let tree = with_edits(lines, "new", on(Some(true)));
        let workspace = with_edits(lines, "new", on(Some(false)));
        let both = with_edits(lines, "new", on(None));
        let edited = Edited::new(base.as_bytes(), tree.as_bytes());
        edited.apply(workspace.as_bytes(), Options::default()).unwrap();
        prop_assert_eq!(edited.text(), both);
        // And out again, which has edits in the way unless there were none.
        let result = restore(&edited.sandbox.tree(), Options::default());
        prop_assert_eq!(result.is_ok(), edited.text() == workspace || tree == base);
    }

    /// Whatever there is to merge: no line that either side added is lost.
    #[test]
    fn nothing_is_lost(
        base in program("base"),
        tree in program("tree"),
        workspace in program("workspace"),
    ) {
        let _guard = alone();
        let [base, tree, workspace] = [base, tree, workspace].map(|lines| joined(&lines));
        let edited = Edited::new(base.as_bytes(), tree.as_bytes());
        let before = edited.sandbox.everything();
        match edited.apply(workspace.as_bytes(), Options::default()) {
            Ok(changes) => prop_assert!(changes.conflicts.is_empty()),
            Err(Error::Conflicts { .. }) => {
                prop_assert_eq!(edited.sandbox.everything(), before);
                let changes = edited.apply(workspace.as_bytes(), MARKERS).unwrap();
                prop_assert_eq!(changes.conflicts, [PATH]);
                prop_assert!(edited.text().contains("<<<<<<< tree\n"));
            }
            Err(error) => panic!("{error}"),
        }
        let merged = edited.text();
        let counted = |text: &str, line: &str| text.lines().filter(|other| *other == line).count();
        for line in tree.lines().filter(|line| line.starts_with("tree")) {
            prop_assert!(counted(&merged, line) >= counted(&tree, line), "{}", line);
        }
        for line in workspace.lines().filter(|line| line.starts_with("workspace")) {
            prop_assert!(counted(&merged, line) >= counted(&workspace, line), "{}", line);
        }
    }
}
