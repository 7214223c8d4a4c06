// SPDX-License-Identifier: GPL-2.0

//! What the command prints, and leaves behind: a folder in `tests/cases` for each case.
//!
//! A case starts from `tests/base`, with the case's `in/workspace`, `in/tree` and `in/files` laid over
//! it, and follows `in/steps`:
//!
//! | step | does |
//! | --- | --- |
//! | `$ mirror …` | runs the command in the workspace; the tree is `../tree` |
//! | `in FOLDER $ mirror …` | runs it elsewhere |
//! | `busy $ mirror …` | runs it while something else holds the tree's lock |
//! | `interrupt FILE COMMAND` | kills apply (with or without `--without CRATE`) or restore when it is about to write or remove that file of the tree |
//! | `write FILE TEXT`, `append FILE TEXT` | edits a file; `\n`, `\r` and `\t` are what they are in Rust |
//! | `replace FILE OLD NEW` | puts one text for another, each of as many words |
//! | `git ARGUMENTS` | runs git in the workspace |
//! | `commit TEXT` | commits all that is in the workspace; it is called `[commit N]` from there on |
//! | `show FILE` | prints a file |
//! | `cut FILE LINES` | leaves so many lines of a file |
//! | `copy PATH PATH` | as `cp -r` |
//! | `toggle FILE` | lets a file be run, or no longer |
//! | `replace FILE OLD NEW` | replaces a word in a file |
//! | `git …` | runs git in the workspace |
//! | `remove PATH`, `link PATH TARGET` | as `rm -r`, `ln -s` |
//! | `sh FOLDER COMMAND` | runs a shell's command there, and prints what it prints; `$MIRROR` is mirror |
//! | `expect-tree NAME` | compares the tree with `expected/NAME`, without the backup |
//!
//! What is printed, and the exit status, are in `expected/output`. `MIRROR_BLESS=1 cargo test -p
//! mirror --test cases` accepts what there is.

mod common;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::Command;

use common::{copy, git, is_executable, set_executable, snapshot, write, Sandbox, Thing, WHO};
use mirror::{apply, restore, Disk, Options, Step};

#[test]
fn all_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    // One after the other: see `common::workspace`.
    let failed: Vec<_> = cases
        .iter()
        .filter_map(|case| run(case).err().map(|why| (case, why)))
        .map(|(case, why)| format!("{}:\n{why}", case.display()))
        .collect();
    assert!(
        failed.is_empty(),
        "{}\nMIRROR_BLESS=1 accepts what there is",
        failed.join("\n")
    );
}

fn bless() -> bool {
    std::env::var_os("MIRROR_BLESS").is_some()
}

fn run(case: &Path) -> Result<(), String> {
    let sandbox = Sandbox::new();
    for part in ["workspace", "tree", "files"] {
        let overlay = case.join("in").join(part);
        if overlay.exists() {
            copy(&overlay, &sandbox.root().join(part));
        }
    }
    let steps = fs::read_to_string(case.join("in/steps")).unwrap();
    let mut output = String::new();
    let mut trouble = String::new();
    for line in steps.lines().filter(|line| !line.trim().is_empty()) {
        let is_plain = line.starts_with(['$', '#']);
        let _ = writeln!(output, "{}{line}", if is_plain { "" } else { "> " });
        if line.starts_with('#') {
            continue;
        }
        step(&sandbox, case, line, &mut output, &mut trouble);
    }
    let mut output = output.replace(&sandbox.root().display().to_string(), "[ROOT]");
    for (number, commit) in sandbox.commits().iter().enumerate() {
        output = output.replace(commit, &format!("[commit {number}]"));
    }
    let output = without_commits(&output);

    let expected = case.join("expected/output");
    if bless() {
        write(&expected, &output);
    } else if fs::read_to_string(&expected).unwrap_or_default() != output {
        let old = fs::read_to_string(&expected).unwrap_or_default();
        let diff = similar::TextDiff::from_lines(&old, &output);
        let _ = writeln!(trouble, "{}", diff.unified_diff());
    }
    if trouble.is_empty() {
        Ok(())
    } else {
        Err(trouble)
    }
}

/// Other commits have other names with each change of what is in them.
fn without_commits(text: &str) -> String {
    let is_commit = |word: &str| {
        matches!(word.len(), 12 | 40) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let is_other = |c: char| !c.is_ascii_alphanumeric();
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        // What is in a patch is named by its content, and that alone.
        if line.starts_with("index ") {
            out.push_str(line);
            continue;
        }
        for part in line.split_inclusive(is_other) {
            let word = part.trim_end_matches(is_other);
            match is_commit(word) {
                true => out.push_str(&format!("[commit]{}", &part[word.len()..])),
                false => out.push_str(part),
            }
        }
    }
    out
}

fn step(sandbox: &Sandbox, case: &Path, line: &str, output: &mut String, trouble: &mut String) {
    let root = sandbox.root();
    if let Some(arguments) = line.strip_prefix("$ mirror") {
        return command(root, "workspace", arguments, output);
    }
    let (verb, rest) = line.split_once(' ').unwrap();
    let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
    let path = root.join(first);
    let text = second.replace("\\n", "\n").replace("\\r", "\r");
    let text = format!("{}\n", text.replace("\\t", "\t"));
    match verb {
        "in" => command(
            root,
            first,
            second.strip_prefix("$ mirror").unwrap(),
            output,
        ),
        "busy" => {
            let folder = File::open(sandbox.tree_path().join("rust")).unwrap();
            folder.lock().unwrap();
            command(
                root,
                "workspace",
                rest.strip_prefix("$ mirror").unwrap(),
                output,
            );
        }
        "git" => drop(git(
            &root.join("workspace"),
            &rest.split(' ').collect::<Vec<_>>(),
        )),
        "commit" => sandbox.commit(&rest.replace("\\n", "\n")),
        "replace" => replace(&path, second),
        "show" => show(&path, output),
        "interrupt" => interrupt(sandbox, first, second),
        "write" => write(&path, &text),
        "append" => write(&path, &(fs::read_to_string(&path).unwrap() + &text)),
        "copy" => copy(&path, &root.join(second)),
        "cut" => {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.lines().take(second.parse().unwrap());
            write(
                &path,
                &lines.map(|line| format!("{line}\n")).collect::<String>(),
            );
        }
        "toggle" => set_executable(&path, !is_executable(&path)),
        "remove" if path.is_dir() => fs::remove_dir_all(path).unwrap(),
        "remove" => fs::remove_file(path).unwrap(),
        "link" => std::os::unix::fs::symlink(second, path).unwrap(),
        "expect-tree" => expect_tree(sandbox, &case.join("expected").join(first), trouble),
        "sh" => shell(root, first, second, output),
        verb => panic!("{}: no such step: {verb}", case.display()),
    }
}

fn command(root: &Path, folder: &str, arguments: &str, output: &mut String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mirror"));
    command.args(arguments.split_whitespace());
    run_in(root, folder, command, output);
}

fn shell(root: &Path, folder: &str, text: &str, output: &mut String) {
    let mut command = Command::new("sh");
    command.args(["-c", text]);
    run_in(root, folder, command, output);
}

fn run_in(root: &Path, folder: &str, mut command: Command, output: &mut String) {
    let result = command
        .current_dir(root.join(folder))
        .envs(WHO)
        .env("MIRROR", env!("CARGO_BIN_EXE_mirror"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("COLUMNS", "100")
        .env("GIT_DISCOVERY_ACROSS_FILESYSTEM", "1")
        .env("GIT_CEILING_DIRECTORIES", root.parent().unwrap())
        .output()
        .unwrap();
    let printed = [result.stdout, result.stderr].map(|text| String::from_utf8(text).unwrap());
    output.push_str(&printed.concat());
    match result.status.code() {
        Some(0) => {}
        Some(code) => {
            let _ = writeln!(output, "[exit status {code}]");
        }
        None => output.push_str("[killed]\n"),
    }
}

fn replace(path: &Path, words: &str) {
    let words = words.replace("\\t", "\t");
    let words: Vec<_> = words.split(' ').collect();
    let (old, new) = words.split_at(words.len() / 2);
    let text = fs::read_to_string(path).unwrap();
    let (old, new) = (old.join(" "), new.join(" "));
    assert!(text.contains(&old), "{}: no {old}", path.display());
    fs::write(path, text.replacen(&old, &new, 1)).unwrap();
}

fn show(path: &Path, output: &mut String) {
    let text = fs::read_to_string(path).unwrap();
    for line in text.lines() {
        // A commit that nobody sees.
        let line = match line.split_once(" Mon Sep 17 00:00:00 2001") {
            Some(("From", _)) | None => line,
            Some(_) => "From [commit] Mon Sep 17 00:00:00 2001",
        };
        let _ = writeln!(output, "{line}");
    }
}

fn interrupt(sandbox: &Sandbox, file: &str, command: &str) {
    let file = sandbox.tree_path().join(file);
    let mut dead = false;
    let disk = Disk::observed(move |step| {
        dead |= match step {
            Step::Write(path) | Step::Remove(path) | Step::Rename(_, path) => path == file,
            _ => false,
        };
        match dead {
            true => Err(io::Error::other("killed")),
            false => Ok(()),
        }
    });
    let tree = sandbox.tree_on(disk);
    let words: Vec<_> = command.split(' ').collect();
    let result = match words.as_slice() {
        ["apply"] => apply(&sandbox.flat(), &tree, Options::default()),
        ["apply", "--without", name] => {
            let flat = sandbox.flat_without(name);
            apply(&flat, &tree, Options::default())
        }
        ["restore"] => restore(&tree, Options::default()),
        _ => panic!("no such command: {command}"),
    };
    assert!(result.is_err(), "{command} does not come by that file");
}

fn expect_tree(sandbox: &Sandbox, expected: &Path, trouble: &mut String) {
    let now = sandbox.files();
    if bless() {
        let _ = fs::remove_dir_all(expected);
        for (path, thing) in &now {
            match thing {
                Thing::File(text) => write(&expected.join(path), text),
                Thing::Program(text) => {
                    write(&expected.join(path), text);
                    set_executable(&expected.join(path), true);
                }
                Thing::Link(_) => panic!("a link is left in the tree: {path}"),
            }
        }
        return;
    }
    let expected = match expected.exists() {
        true => snapshot(expected),
        false => Default::default(),
    };
    for path in now.keys().chain(expected.keys()) {
        if now.get(path) != expected.get(path) {
            let _ = writeln!(trouble, "{path} differs");
        }
    }
}
