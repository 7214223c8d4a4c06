// SPDX-License-Identifier: GPL-2.0

//! Export shown on the real tree: its own scripts find the crates' maintainers, and nothing wrong
//! with an exported series; and `git am` makes of a tree with the crates what `mirror apply` does.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{ensure, Context, Result};
use mirror::{Disk, ExportOptions, Flat, Options, Region, Tree, MAINTAINERS};
use walkdir::WalkDir;

use crate::commands::with_hint;
use crate::round_trip::copy_parts;
use crate::run::output;
use crate::workspace::Workspace;

/// What of a kernel tree the scripts need, besides what mirror looks at.
pub(crate) const SCRIPTS: &[&str] = &["scripts", ".get_maintainer.ignore"];

/// The commits: each file of the workspace to be written, appended to, renamed or removed.
const COMMITS: &[(&str, &[Edit])] = &[
    (
        "kernel-sync: say once more what a completion is\n\nNothing else changes.",
        &[Edit::Append(
            "kernel-sync/src/sync/completion.rs",
            "\n// Added by a test of mirror.\n",
        )],
    ),
    (
        "kernel-core: a file in a folder of its own",
        &[Edit::Append(
            "kernel-core/src/error/series.rs",
            "// SPDX-License-Identifier: GPL-2.0\n\n//! Added by a test of mirror.\n",
        )],
    ),
    (
        "Another name for polling, and a helper\n\nOne of two crates, one of one.",
        &[
            Edit::Rename(
                "kernel-sync/src/sync/poll.rs",
                "kernel-sync/src/sync/polling.rs",
            ),
            Edit::Append(
                "kernel-task/helpers/series.c",
                "// SPDX-License-Identifier: GPL-2.0\n\n#include <linux/sched.h>\n",
            ),
        ],
    ),
    (
        "kernel-core: one file less",
        &[Edit::Remove("kernel-core/src/bits.rs")],
    ),
    (
        "xtask: nothing for a tree",
        &[Edit::Append(
            "xtask/src/main.rs",
            "// Added by a test of mirror.\n",
        )],
    ),
];

enum Edit {
    Append(&'static str, &'static str),
    Rename(&'static str, &'static str),
    Remove(&'static str),
}

/// Exports commits made for this, takes them with `git am`, and tells what was seen.
pub(crate) fn check(workspace: &Workspace, source: &Path) -> Result<String> {
    let folder = workspace.kernel_dir().join("series");
    let _ = fs::remove_dir_all(&folder);
    let (crates, tree) = (folder.join("workspace"), folder.join("tree"));
    copy_workspace(&workspace.root, &crates)?;
    copy_parts(source, &tree)?;
    for part in SCRIPTS.iter().filter(|part| source.join(part).exists()) {
        let part = source.join(part);
        output(Command::new("cp").arg("-a").arg(part).arg(&tree))?;
    }
    let before = apply(&crates, &tree)?;
    let names = maintainers(&crates, &before, &tree)?;
    sorted(&tree)?;

    git(&crates, &["init", "--quiet"])?;
    for (key, value) in [
        ("user.name", "A Tester"),
        ("user.email", "tester@example.com"),
    ] {
        git(&crates, &["config", key, value])?;
    }
    commit(&crates, "all there is")?;
    for (message, edits) in COMMITS {
        edits.iter().try_for_each(|edit| edit.make(&crates))?;
        commit(&crates, message)?;
    }
    git(&tree, &["init", "--quiet"])?;
    git(&tree, &["add", "--force", "rust", MAINTAINERS])?;
    git(
        &tree,
        &["commit", "--quiet", "-m", "Linux, with the crates"],
    )?;

    let opened = Tree::open(&tree).map_err(with_hint)?;
    let options = ExportOptions {
        signoff: true,
        ..ExportOptions::since(format!("HEAD~{}", COMMITS.len()))
    };
    let series = mirror::export(&crates, Some(&opened), &options).map_err(with_hint)?;
    let errors = series.complaints.iter().flatten().filter(|c| c.is_error);
    let errors: Vec<_> = errors.map(|c| format!("{}: {}", c.mail, c.text)).collect();
    ensure!(series.complaints.is_some(), "the tree has no checkpatch");
    ensure!(errors.is_empty(), "checkpatch: {}", errors.join("; "));
    ensure!(
        series.skipped.len() == 1 && series.mails.len() == COMMITS.len(),
        "{} mails, {} commits left out",
        series.mails.len(),
        series.skipped.len()
    );
    let mails = folder.join("mails");
    series.write(&Disk::new(), &mails).map_err(with_hint)?;
    for mail in &series.mails[1..] {
        let mail = mails.join(&mail.name);
        git(&tree, &["am", "--quiet", &mail.to_string_lossy()])?;
    }
    let after = flatten(&crates)?;
    let digest = same(&after, &tree)?;
    fs::remove_dir_all(&folder)?;
    Ok(format!(
        "get_maintainer.pl names the crate for a file of each of {names}; {} patches and a cover \
         letter, 0 errors by checkpatch, {} recipients; after git am the tree's files have the \
         workspace's digest {}",
        series.mails.len() - 1,
        series.recipients.to.len() + series.recipients.cc.len(),
        &digest[..16]
    ))
}

impl Edit {
    fn make(&self, crates: &Path) -> Result<()> {
        let parent = |path: &Path| fs::create_dir_all(path.parent().unwrap_or(crates));
        match *self {
            Self::Append(path, text) => {
                let path = crates.join(path);
                parent(&path)?;
                let now = fs::read_to_string(&path).unwrap_or_default();
                fs::write(&path, now + text)?;
            }
            Self::Rename(from, to) => {
                let context = || format!("{from}: this test wants to rename it");
                fs::rename(crates.join(from), crates.join(to)).with_context(context)?;
            }
            Self::Remove(path) => {
                let context = || format!("{path}: this test wants to remove it");
                fs::remove_file(crates.join(path)).with_context(context)?;
            }
        }
        Ok(())
    }
}

/// Asks the tree's script about one file of each crate, and says how many there were.
fn maintainers(crates: &Path, flat: &Flat, tree: &Path) -> Result<usize> {
    let workspace = mirror::Workspace::load(crates).map_err(with_hint)?;
    let mut files = BTreeMap::new();
    for path in flat.files.keys() {
        if let Some(package) = mirror::owner(flat, path) {
            files.insert(package.name.as_str(), path);
        }
    }
    ensure!(
        files.len() == workspace.packages.len(),
        "not each crate has a file in the tree"
    );
    for package in &workspace.packages {
        let file = files[package.name.as_str()];
        let said = output(
            Command::new("perl")
                .arg("scripts/get_maintainer.pl")
                .args(["--no-tree", "--nogit", "--nogit-fallback", "--subsystem"])
                .args(["-f", file])
                .current_dir(tree),
        )?;
        let section = format!("RUST CRATE {}", package.name.to_uppercase());
        let ours = said.lines().filter(|line| line.starts_with("RUST CRATE "));
        ensure!(
            ours.eq([section.as_str()]),
            "{file}: get_maintainer.pl says\n{said}"
        );
        for who in &package.maintainers {
            let is_named = said.lines().any(|line| line.starts_with(who.as_str()));
            ensure!(is_named, "{file}: {who} is not in\n{said}");
        }
    }
    Ok(files.len())
}

/// Fails unless the kernel's own script leaves the crates' sections where and as they are.
fn sorted(tree: &Path) -> Result<()> {
    let (sorted, rest) = (tree.join("MAINTAINERS.new"), tree.join("SECTION.new"));
    output(
        Command::new("perl")
            .arg("scripts/parse-maintainers.pl")
            .args(["--order", "--input=MAINTAINERS"])
            .arg(format!("--output={}", sorted.display()))
            .arg(format!("--section={}", rest.display()))
            .current_dir(tree),
    )?;
    let (now, then) = (fs::read(tree.join(MAINTAINERS))?, fs::read(&sorted)?);
    fs::remove_file(&sorted)?;
    ensure!(
        Region::find(&now) == Region::find(&then) && !Region::find(&now).is_empty(),
        "parse-maintainers.pl puts the crates' sections otherwise"
    );
    Ok(())
}

/// One digest of all files of the crates in `tree`; an error where one is not the workspace's.
pub(crate) fn same(flat: &Flat, tree: &Path) -> Result<String> {
    let mut all = String::new();
    for (path, file) in &flat.files {
        let there = fs::read(tree.join(path)).with_context(|| path.clone())?;
        let there = mirror::own(path, &there).unwrap_or_default();
        let digest = mirror::Digest::of(there);
        ensure!(digest == *file.digest(), "{path} is not the workspace's");
        all += &format!("{digest} {path}\n");
    }
    let ours = WalkDir::new(tree.join("rust")).into_iter();
    for entry in ours {
        let entry = entry?;
        let path = entry.path().strip_prefix(tree)?.to_string_lossy();
        ensure!(
            !mirror::is_ours(&path)
                || entry.file_type().is_dir()
                || flat.files.contains_key(&*path),
            "{path} is still there"
        );
    }
    Ok(mirror::Digest::of(all.as_bytes()).as_str().to_owned())
}

pub(crate) fn flatten(crates: &Path) -> Result<Flat> {
    let workspace = mirror::Workspace::load(crates).map_err(with_hint)?;
    mirror::flatten(&workspace).map_err(with_hint)
}

/// Puts the crates, and nothing else, into a tree that had whatever it had.
pub(crate) fn apply(crates: &Path, tree: &Path) -> Result<Flat> {
    let flat = flatten(crates)?;
    let tree = Tree::open(tree).map_err(with_hint)?;
    mirror::restore(&tree, Options::default()).map_err(with_hint)?;
    mirror::apply(&flat, &tree, Options::default()).map_err(with_hint)?;
    Ok(flat)
}

/// Copies the workspace's files, without what was built from them.
pub(crate) fn copy_workspace(from: &Path, to: &Path) -> Result<()> {
    let entries = WalkDir::new(from).into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() != 1 || !matches!(&*name, "target" | ".git")
    });
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(target)?;
        } else if entry.file_type().is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

pub(crate) fn commit(folder: &Path, message: &str) -> Result<()> {
    git(folder, &["add", "--all", "--force"])?;
    git(folder, &["commit", "--quiet", "-m", message]).map(drop)
}

/// Runs git without anyone's settings.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let who = [
        "user.name=A Tester",
        "user.email=tester@example.com",
        "gc.auto=0",
    ];
    let mut command = Command::new("git");
    for setting in who {
        command.args(["-c", setting]);
    }
    command
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null");
    output(&mut command)
}
