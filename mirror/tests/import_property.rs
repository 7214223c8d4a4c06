// SPDX-License-Identifier: GPL-2.0

//! Whatever the crates are, and whatever is edited in a tree that they were applied to: importing
//! the edits makes of the workspace what the same edits would have made there.
//!
//! The model knows the crates by their modules' names alone: `m…` is kernel-m's, `n…` kernel-n's.

mod common;
#[path = "common/repo.rs"]
mod repo;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use common::copy;
use mirror::{
    apply, check, flatten, Dest, Form, ImportOptions, Importer, Options, Package, Tree, Workspace,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// At least; `PROPTEST_CASES` may ask for more.
const CASES: u32 = 96;

/// Files with their texts, and whether they can be run.
type Files = BTreeMap<String, (String, bool)>;

#[derive(Clone, Debug)]
enum Edit {
    /// Adds a line to a file, or changes one.
    Change(usize, String),
    /// A new file in the folder of a module.
    Add(usize, u8, String),
    Delete(usize),
    /// Moves a file to the folder of a module, perhaps of the other crate.
    Rename(usize, usize, u8),
    Mode(usize),
    /// A new module at the top of a crate, with its line in `lib.rs`.
    Module(bool, u8, String),
}

fn text() -> impl Strategy<Value = String> {
    "[a-d]{0,3}(\n[a-d]{0,3}){0,5}\n".prop_map(|text| format!("// {}\n{text}", text.len()))
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = 0usize..64;
    prop_oneof![
        3 => (index.clone(), text()).prop_map(|(at, text)| Edit::Change(at, text)),
        2 => (index.clone(), 0u8..4, text()).prop_map(|(at, n, text)| Edit::Add(at, n, text)),
        2 => index.clone().prop_map(Edit::Delete),
        2 => (index.clone(), index.clone(), 0u8..4).prop_map(|(a, b, n)| Edit::Rename(a, b, n)),
        1 => index.prop_map(Edit::Mode),
        1 => (any::<bool>(), 5u8..8, text()).prop_map(|(m, n, text)| Edit::Module(m, n, text)),
    ]
}

/// The files of a tree that are copies of crates' files.
fn crates() -> impl Strategy<Value = Files> {
    let names = prop::sample::subsequence(
        vec![
            "m0/a.rs",
            "m0/b.rs",
            "m0/c/d.rs",
            "m1/a.rs",
            "m2/a/b/c.rs",
            "m3.txt",
            "n0/a.rs",
            "n0/a/b.rs",
            "n1/x.rs",
            "n1/notes.md",
        ],
        0..=10,
    );
    (
        names,
        prop::collection::vec((text(), prop::bool::weighted(0.2)), 24),
    )
        .prop_map(|(names, texts)| {
            let roots = ["m0.rs", "m1.rs", "m2.rs", "n0.rs", "n1/mod.rs"];
            let kernel = roots
                .into_iter()
                .chain(names)
                .map(|name| format!("rust/kernel/{name}"));
            let helpers = ["rust/helpers/m_x.c", "rust/helpers/n_x.c"].map(str::to_owned);
            let paths = kernel.chain(helpers);
            paths.zip(texts).collect()
        })
}

fn letter(path: &str) -> char {
    let name = path
        .strip_prefix("rust/kernel/")
        .or(path.strip_prefix("rust/helpers/"));
    name.unwrap().chars().next().unwrap()
}

fn source(path: &str) -> String {
    let package = letter(path);
    match path.strip_prefix("rust/kernel/") {
        Some(name) => format!("kernel-{package}/src/{name}"),
        None => format!(
            "kernel-{package}/helpers/{}",
            &path["rust/helpers/".len()..]
        ),
    }
}

fn seam(package: char, modules: &BTreeSet<String>) -> String {
    let mut text =
        format!("//! Crate {package}.\n\n#![no_std]\n\nextern crate self as kernel;\n\n");
    for name in modules.iter().filter(|name| name.starts_with(package)) {
        text.push_str(&format!("pub mod {name};\n"));
    }
    text
}

/// What the workspace consists of when the tree's copies are `files`.
fn workspace_files(files: &Files, modules: &BTreeSet<String>) -> Files {
    let copies = files
        .iter()
        .map(|(path, file)| (source(path), file.clone()));
    let seams = ['m', 'n'].map(|package| {
        let name = format!("kernel-{package}/src/lib.rs");
        (name, (seam(package, modules), false))
    });
    copies.chain(seams).collect()
}

fn modules() -> BTreeSet<String> {
    ["m0", "m1", "m2", "n0", "n1"].map(str::to_owned).into()
}

fn put(root: &Path, files: &Files) {
    for (path, (text, executable)) in files {
        let path = root.join(path);
        common::write(&path, text);
        let mode = if *executable { 0o755 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn get(root: &Path) -> Files {
    let names = common::snapshot(root).into_keys();
    let names = names.filter(|name| !name.starts_with(".git/"));
    names
        .map(|name| {
            let path = root.join(&name);
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            (
                name,
                (fs::read_to_string(&path).unwrap(), mode & 0o100 != 0),
            )
        })
        .collect()
}

struct Scene {
    folder: tempfile::TempDir,
    workspace: Workspace,
    now: Files,
    modules: BTreeSet<String>,
    /// How many edits came to something.
    edits: usize,
}

impl Scene {
    fn new(files: Files) -> Self {
        let folder = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        let root = folder.path().join("workspace");
        copy(&common::base().join("tree"), &folder.path().join("tree"));
        fs::create_dir_all(&root).unwrap();
        put(&root, &workspace_files(&files, &modules()));
        let package = |name: &str| Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            description: String::new(),
            lib: name.replace('-', "_"),
            root: root.join(name),
            dest: Dest::Kernel,
            maintainers: Vec::new(),
            status: String::new(),
            lists: Vec::new(),
            dependencies: BTreeMap::new(),
        };
        let workspace = Workspace::new(root.clone(), [package("kernel-m"), package("kernel-n")]);
        apply(
            &flatten(&workspace).unwrap(),
            &Tree::open(&folder.path().join("tree")).unwrap(),
            Options::default(),
        )
        .unwrap();
        Self {
            folder,
            workspace,
            now: files,
            modules: modules(),
            edits: 0,
        }
    }

    fn tree(&self) -> Tree {
        Tree::open(&self.folder.path().join("tree")).unwrap()
    }

    /// The modules' own files stay, or nothing would tell whose the others are.
    fn pick(&self, at: usize) -> Option<String> {
        let is_root = |path: &str| {
            self.modules.iter().any(|name| {
                path == format!("rust/kernel/{name}.rs")
                    || path == format!("rust/kernel/{name}/mod.rs")
            })
        };
        let free: Vec<_> = self.now.keys().filter(|path| !is_root(path)).collect();
        (!free.is_empty()).then(|| free[at % free.len()].clone())
    }

    fn folder_of_module(&self, at: usize, n: u8) -> Option<String> {
        let modules: Vec<_> = self.modules.iter().collect();
        let path = format!("rust/kernel/{}/new/{n}.rs", modules[at % modules.len()]);
        (!self.now.contains_key(&path)).then_some(path)
    }

    /// Makes an edit in the tree, and in the model.
    fn edit(&mut self, edit: &Edit) {
        let tree = self.folder.path().join("tree");
        match edit {
            Edit::Change(at, text) => {
                let paths: Vec<_> = self.now.keys().cloned().collect();
                let path = &paths[at % paths.len()];
                self.now.get_mut(path).unwrap().0.push_str(text);
            }
            Edit::Add(at, n, text) => {
                let Some(path) = self.folder_of_module(*at, *n) else {
                    return;
                };
                self.now
                    .insert(path, (format!("{text}// new {n}\n"), false));
            }
            Edit::Delete(at) => {
                // A text file is not seen in a tree unless it is known.
                let Some(path) = self.pick(*at) else {
                    return;
                };
                self.now.remove(&path);
                fs::remove_file(tree.join(&path)).unwrap();
            }
            Edit::Rename(at, to, n) => {
                let (Some(path), Some(to)) = (self.pick(*at), self.folder_of_module(*to, *n))
                else {
                    return;
                };
                if !path.ends_with(".rs") {
                    return;
                }
                let file = self.now.remove(&path).unwrap();
                self.now.insert(to, file);
                fs::remove_file(tree.join(&path)).unwrap();
            }
            Edit::Mode(at) => {
                let paths: Vec<_> = self.now.keys().cloned().collect();
                let file = self.now.get_mut(&paths[at % paths.len()]).unwrap();
                file.1 = !file.1;
            }
            Edit::Module(is_m, n, text) => {
                let name = format!("{}{n}", if *is_m { 'm' } else { 'n' });
                if !self.modules.insert(name.clone()) {
                    return;
                }
                let lib = tree.join("rust/kernel/lib.rs");
                let old = fs::read_to_string(&lib).unwrap();
                let last = self.modules.range(..name.clone()).next_back().unwrap();
                let line = format!("pub mod {last};\n");
                let new = old.replace(&line, &format!("{line}pub mod {name};\n"));
                assert_ne!(old, new);
                fs::write(&lib, new).unwrap();
                self.now
                    .insert(format!("rust/kernel/{name}.rs"), (text.clone(), false));
            }
        }
        self.edits += 1;
        put(&tree, &self.now);
    }

    fn wanted(&self) -> Files {
        workspace_files(&self.now, &self.modules)
    }
}

fn run(
    name: &str,
    strategy: impl Strategy<Value = (Files, Vec<Edit>)>,
    test: impl Fn(Files, Vec<Edit>) -> usize,
) {
    let mut runner = TestRunner::new(Config {
        cases: std::env::var("PROPTEST_CASES")
            .map_or(CASES, |n| n.parse().unwrap())
            .max(CASES),
        failure_persistence: None,
        ..Config::default()
    });
    let (cases, edits) = (Cell::new(0), Cell::new(0));
    let result = runner.run(&strategy, |(files, list)| {
        edits.set(edits.get() + test(files, list));
        cases.set(cases.get() + 1);
        Ok(())
    });
    println!("{name}: {} cases, {} edits", cases.get(), edits.get());
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(cases.get() >= CASES && edits.get() > CASES as usize);
}

#[test]
fn edits_of_a_tree_come_back() {
    let _alone = repo::alone();
    let strategy = (crates(), prop::collection::vec(edit(), 1..12));
    run("a tree's files", strategy, |files, edits| {
        let mut scene = Scene::new(files);
        for edit in &edits {
            scene.edit(edit);
        }
        let importer = Importer::new(&scene.workspace, ImportOptions::default());
        importer.tree(&scene.tree()).unwrap();
        assert_eq!(get(&scene.workspace.root), scene.wanted(), "{edits:?}");
        // Once more is nothing, and only the lock is left to be written.
        assert!(importer.tree(&scene.tree()).unwrap().is_empty());
        let flat = flatten(&scene.workspace).unwrap();
        apply(&flat, &scene.tree(), Options::default()).unwrap();
        assert!(check(&flat, &scene.tree()).unwrap().is_in_step());
        scene.edits
    });
}

/// A tree's commits, one for each edit; says what the first stands on.
fn commit_each(scene: &mut Scene, edits: &[Edit]) -> String {
    let tree = scene.folder.path().join("tree");
    repo::init(&scene.workspace.root);
    repo::init(&tree);
    let start = repo::head(&tree);
    for (at, edit) in edits.iter().enumerate() {
        scene.edit(edit);
        let message =
            format!("rust: edit {at}\n\nWhy: [{at}] {edit:?}\n\nReviewed-by: R <r@example.com>");
        repo::commit(&tree, &message);
    }
    start
}

/// Whether the workspace's commits say what the tree's say.
fn same_words(scene: &Scene, range: &str, made: usize) {
    let log = |folder: &Path, range: &str| {
        let format = "--format=%an <%ae> %ad%n%B";
        repo::git(folder, &["log", "--date=raw", format, range])
    };
    let tree = scene.folder.path().join("tree");
    let made = format!("HEAD~{made}..HEAD");
    assert_eq!(log(&scene.workspace.root, &made), log(&tree, range));
}

#[test]
fn commits_in_a_tree_come_back() {
    let _alone = repo::alone();
    let strategy = (crates(), prop::collection::vec(edit(), 1..6));
    run("commits", strategy, |files, edits| {
        let mut scene = Scene::new(files);
        let start = commit_each(&mut scene, &edits);
        let importer = Importer::new(&scene.workspace, ImportOptions::default());
        let range = format!("{start}..HEAD");
        let imported = importer.commits(&scene.tree(), &range).unwrap();
        assert_eq!(get(&scene.workspace.root), scene.wanted(), "{edits:?}");
        assert_eq!(
            repo::git(&scene.workspace.root, &["status", "--porcelain"]),
            ""
        );
        if imported.steps.iter().all(|step| step.commit.is_some()) {
            same_words(&scene, &range, edits.len());
        }
        scene.edits
    });
}

#[test]
fn mails_made_in_a_tree_come_back() {
    let _alone = repo::alone();
    let strategy = (crates(), prop::collection::vec(edit(), 1..6));
    run("mails", strategy, |files, edits| {
        let mut scene = Scene::new(files);
        let start = commit_each(&mut scene, &edits);
        let tree = scene.folder.path().join("tree");
        let range = format!("{start}..HEAD");
        let mails = repo::git(&tree, &["format-patch", "--stdout", "--binary", &range]);
        // A commit of nothing has no patch.
        let mail = mails.split("\nFrom ");
        let made = mail.filter(|mail| mail.contains("\ndiff --git ")).count();
        if made == 0 {
            return 0;
        }
        let importer = Importer::new(&scene.workspace, ImportOptions::default());
        let imported = importer
            .patch("mails", mails.as_bytes(), Form::Any)
            .unwrap();
        assert_eq!(get(&scene.workspace.root), scene.wanted(), "{edits:?}");
        assert_eq!(
            repo::git(&scene.workspace.root, &["status", "--porcelain"]),
            ""
        );
        let commits = imported.steps.iter().filter(|step| step.commit.is_some());
        assert_eq!(commits.count(), made);
        if made == edits.len() {
            same_words(&scene, &range, made);
        }
        scene.edits
    });
}

/// Lines of a file that are changed in the tree and in the workspace.
fn lines() -> impl Strategy<Value = (Vec<bool>, Vec<bool>)> {
    let some = || prop::collection::vec(prop::bool::weighted(0.2), 12);
    (some(), some())
}

#[test]
fn a_workspace_that_moved_on_keeps_its_own_changes() {
    let _alone = repo::alone();
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let (merged, refused) = (Cell::new(0), Cell::new(0));
    let result = runner.run(&(crates(), lines()), |(files, (theirs, ours))| {
        let mut scene = Scene::new(files);
        // Far enough from each other that what is changed on both sides alone can meet.
        let text = |ours: &[bool], theirs: &[bool]| -> String {
            let line = |at: usize| match (ours[at], theirs[at]) {
                (true, _) => format!("ours {at}\n"),
                (_, true) => format!("theirs {at}\n"),
                _ => format!("line {at}\n"),
            };
            (0..12).map(|at| line(at) + "a\nb\nc\n").collect()
        };
        let none = [false; 12];
        let path = "rust/kernel/m0.rs".to_owned();
        let tree = scene.folder.path().join("tree");
        let source = scene.workspace.root.join(source(&path));
        scene.now.insert(path.clone(), (text(&none, &none), false));
        put(&scene.workspace.root, &scene.wanted());
        let flat = flatten(&scene.workspace).unwrap();
        apply(&flat, &scene.tree(), Options::default()).unwrap();

        fs::write(tree.join(&path), text(&none, &theirs)).unwrap();
        fs::write(&source, text(&ours, &none)).unwrap();
        let importer = Importer::new(&scene.workspace, ImportOptions::default());
        let result = importer.tree(&scene.tree());
        let now = fs::read_to_string(&source).unwrap();
        if theirs
            .iter()
            .zip(&ours)
            .any(|(theirs, ours)| *theirs && *ours)
        {
            prop_assert!(result.is_err());
            prop_assert_eq!(now, text(&ours, &none));
            refused.set(refused.get() + 1);
        } else {
            prop_assert!(result.is_ok(), "{:?}", result);
            prop_assert_eq!(now, text(&ours, &theirs));
            merged.set(merged.get() + 1);
        }
        Ok(())
    });
    println!(
        "both changed: {} merged, {} refused",
        merged.get(),
        refused.get()
    );
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(merged.get() > 10 && refused.get() > 10);
}
