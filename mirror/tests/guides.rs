// SPDX-License-Identifier: GPL-2.0

//! The guides in `docs/` show what happens: their `console` blocks are run, and compared.
//!
//! The blocks of a page are one session, in `/home/you`. There are two repositories, both with one
//! commit: `kernel-crates`, the workspace of `tests/base`, and `linux`, its tree; with what is in
//! `tests/guides/home` on top. A line `$ COMMAND` is for the shell, with lines `> …` that go on with
//! it; what follows is what it prints, and `[exit status N]` if that is not 0. In what is printed
//! `[..]` stands for any part of a line, `...` for any lines.
//!
//! `MIRROR_BLESS=1 cargo test -p mirror --test guides` writes what there is to the pages.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{base, copy, write};
use snapbox::filter::NormalizeToExpected;
use snapbox::IntoData as _;

/// Where the session seems to be.
const HOME: &str = "/home/you";

struct Session {
    home: tempfile::TempDir,
    /// The folder that the last command ended in.
    folder: PathBuf,
}

impl Session {
    fn new() -> Self {
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let home = home.unwrap();
        let mut session = Self {
            folder: home.path().to_owned(),
            home,
        };
        let root = session.home.path().to_owned();
        copy(&base().join("workspace"), &root.join("kernel-crates"));
        copy(&base().join("tree"), &root.join("linux"));
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guides/home");
        copy(&own, &root);
        write(
            &root.join(".gitconfig"),
            "[user]\n\tname = You\n\temail = you@example.com\n[init]\n\tdefaultBranch = main\n\
             [advice]\n\tdetachedHead = false\n[core]\n\tpager = cat\n",
        );
        for (folder, message) in [("kernel-crates", "The crates"), ("linux", "Linux 7.2.3")] {
            let (text, status) = session.run(&format!(
                "cd {} && git init -q && git add -A && git commit -q -m '{message}'",
                root.join(folder).display()
            ));
            assert_eq!(status, Some(0), "{text}");
        }
        session.folder = root;
        session
    }

    /// Runs a command where the one before has ended; what it prints, and its status.
    fn run(&mut self, command: &str) -> (String, Option<i32>) {
        let home = self.home.path();
        let ended = home.join(".ended");
        let binaries = Path::new(env!("CARGO_BIN_EXE_mirror")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        // What rustup finds in the home that is not this one.
        let toolchains =
            [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")].map(|(name, folder)| {
                let own = std::env::home_dir().unwrap_or_default().join(folder);
                (name, std::env::var_os(name).unwrap_or(own.into_os_string()))
            });
        let command = command.replace(HOME, &home.display().to_string());
        let Output { stdout, status, .. } = Command::new("sh")
            .arg("-c")
            .arg(format!(
                "exec 2>&1\n{command}\nstatus=$?\npwd >{}\nexit $status",
                ended.display()
            ))
            .current_dir(&self.folder)
            .env("HOME", home)
            .envs(toolchains)
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("CARGO_TARGET_DIR")
            .env("PATH", format!("{}:{path}", binaries.display()))
            .env("COLUMNS", "100")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env_remove("GIT_CONFIG_GLOBAL")
            .env_remove("GIT_DIR")
            .env("GIT_AUTHOR_DATE", "2026-10-01T12:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-10-01T12:00:00Z")
            .output()
            .unwrap();
        let folder = fs::read_to_string(&ended).unwrap();
        self.folder = folder.trim_end().into();
        fs::remove_file(ended).unwrap();
        let text = String::from_utf8(stdout).unwrap();
        let text = text.replace(&home.display().to_string(), HOME);
        (text, status.code())
    }
}

/// The page with what its commands print now.
fn play(page: &str) -> String {
    let mut session = Session::new();
    let mut played = String::new();
    let mut lines = page.lines().peekable();
    let mut in_session = false;
    while let Some(line) = lines.next() {
        let _ = writeln!(played, "{line}");
        if line.starts_with("```") {
            in_session = line == "```console";
            continue;
        }
        let Some(first) = line.strip_prefix("$ ").filter(|_| in_session) else {
            assert!(!in_session, "no command: {line}");
            continue;
        };
        let mut command = first.to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with("> ") || *line == ">") {
            let _ = writeln!(played, "{more}");
            command += "\n";
            command += more.trim_start_matches('>').trim_start_matches(' ');
        }
        let mut expected = String::new();
        while let Some(line) = lines.next_if(|l| !l.starts_with("$ ") && !l.starts_with("```")) {
            expected += line;
            expected += "\n";
        }
        let (mut text, status) = session.run(&command);
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        match status {
            Some(0) => {}
            Some(code) => text += &format!("[exit status {code}]\n"),
            None => text += "[killed]\n",
        }
        // Where it is as the page says, what the page says stays, with what it leaves out.
        let text = NormalizeToExpected::new()
            .redact()
            .normalize(text.into_data(), &expected.into_data());
        played += &text.to_string();
    }
    played
}

#[test]
fn the_guides_show_what_happens() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut pages = 0;
    let mut differ = String::new();
    for name in ["maintainer.md", "contributor.md", "integrator.md"] {
        let path = docs.join(name);
        let page = fs::read_to_string(&path).unwrap();
        assert!(page.contains("\n```console\n"), "{name} shows nothing");
        let played = play(&page);
        pages += 1;
        if played == page {
            continue;
        }
        if std::env::var_os("MIRROR_BLESS").is_some() {
            write(&path, &played);
            continue;
        }
        let diff = similar::TextDiff::from_lines(&page, &played);
        let _ = writeln!(differ, "docs/{name}\n{}", diff.unified_diff());
    }
    assert_eq!(pages, 3);
    assert!(
        differ.is_empty(),
        "{differ}\nMIRROR_BLESS=1 accepts what there is"
    );
}

#[test]
fn a_page_that_is_wrong_is_told_from_one_that_is_right() {
    let right = "Text.\n\n```console\n$ cd linux && echo a; printf 'b\\nc'\na\n[..]\nc\n$ cat <<E\n> $(basename $PWD)\n> E\nlinux\n$ pwd; false\n/home/you/linux\n[exit status 1]\n```\n\n```text\n$ not run\n```\n";
    assert_eq!(play(right), right);
    let wrong = right.replace("\na\n", "\nx\n");
    // What a page leaves out stays left out.
    assert_eq!(play(&wrong), right);
    assert_ne!(
        play(&right.replace("[exit status 1]\n", "")),
        right.replace("[exit status 1]\n", "")
    );
}
