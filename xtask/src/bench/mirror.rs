// SPDX-License-Identifier: GPL-2.0

//! What `mirror apply` costs, next to `rsync` of the same files and `git status`; and what Kbuild
//! builds after it, next to a hand edit.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure, Context, Result};

use super::{median, ratio, timed};
use crate::kernel::Kernel;
use crate::run::{output, step};
use crate::table::table;
use crate::workspace::Workspace;

/// How often each thing is measured.
const ROUNDS: usize = 15;

/// The folders of a tree that hold the crates' files.
const FOLDERS: [&str; 5] = ["bindings", "helpers", "kernel", "macros", "uapi"];

/// The file that changes where one file does, in the workspace and in a tree.
const SOURCE: &str = "kernel-sync/src/sync/lock.rs";
const TARGET: &str = "rust/kernel/sync/lock.rs";

/// A copy of the workspace, a tree of what `mirror` puts into trees, and a tree for each tool.
struct Ground {
    root: PathBuf,
    mirror: PathBuf,
}

impl Ground {
    fn new(workspace: &Workspace, source: &Path) -> Result<Self> {
        step(
            "building mirror, optimised",
            Command::new("cargo")
                .args(["build", "--release", "--package", "mirror"])
                .current_dir(&workspace.root),
            &workspace.log("bench-mirror"),
        )?;
        let root = workspace.kernel_dir().join("bench-mirror");
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).with_context(|| root.display().to_string())?;
        let ground = Self {
            root,
            mirror: workspace.root.join("target/release/mirror"),
        };
        super::copy(workspace, &ground.path("workspace"))?;
        // The bytes that `apply` leaves, for rsync to bring elsewhere.
        ground.pristine(source, "flat")?;
        ground.apply("flat")?;
        fs::remove_dir_all(ground.path("flat/rust/kernel/.mirror"))?;
        fs::remove_file(ground.path("flat/rust/kernel/mirror.lock"))?;
        Ok(ground)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A copy of the tree's parts, without crates.
    fn pristine(&self, source: &Path, name: &str) -> Result<()> {
        let to = self.path(name);
        let _ = fs::remove_dir_all(&to);
        fs::create_dir_all(&to)?;
        for part in ["Makefile", "Kbuild", "MAINTAINERS", "rust"] {
            output(Command::new("cp").arg("-a").arg(source.join(part)).arg(&to))?;
        }
        output(Command::new(&self.mirror).arg("restore").arg(&to))?;
        Ok(())
    }

    fn apply(&self, name: &str) -> Result<f64> {
        timed(
            Command::new(&self.mirror)
                .arg("apply")
                .arg(self.path(name))
                .current_dir(self.path("workspace")),
        )
    }

    fn rsync(&self, name: &str, fsync: bool) -> Result<f64> {
        let folders = FOLDERS.map(|folder| self.path("flat/rust").join(folder));
        timed(
            Command::new("rsync")
                .args(["--archive", "--delete"])
                .args(fsync.then_some("--fsync"))
                .args(folders)
                .arg(self.path(name).join("rust")),
        )
    }

    fn git_status(&self) -> Result<f64> {
        timed(
            Command::new("git")
                .args(["status", "--short"])
                .current_dir(self.path("workspace")),
        )
    }

    /// Makes the one file that changes a new one, wherever it is.
    fn edit(&self, round: usize) -> Result<()> {
        for file in [format!("workspace/{SOURCE}"), format!("flat/{TARGET}")] {
            append(&self.path(&file), &format!("// Round {round}.\n"))?;
        }
        Ok(())
    }
}

fn append(path: &Path, text: &str) -> Result<()> {
    let old = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    fs::write(path, old + text).with_context(|| path.display().to_string())
}

/// One row of the table: the same piece of work, done by each.
#[derive(Default)]
struct Row {
    mirror: Vec<f64>,
    rsync: Vec<f64>,
    rsync_fsync: Vec<f64>,
    git: Vec<f64>,
}

/// The table of costs.
pub(crate) fn costs(workspace: &Workspace, source: &Path) -> Result<String> {
    let ground = Ground::new(workspace, source)?;
    let [mut nothing, mut one, mut complete] = <[Row; 3]>::default();
    for tree in ["by-mirror", "by-rsync", "by-rsync-fsync"] {
        ground.pristine(source, tree)?;
    }
    for round in 0..ROUNDS {
        // Whole trees first: each tool writes everything.
        for tree in ["by-mirror", "by-rsync", "by-rsync-fsync"] {
            ground.pristine(source, tree)?;
        }
        measure(&ground, &mut complete)?;
        measure(&ground, &mut nothing)?;
        ground.edit(round)?;
        measure(&ground, &mut one)?;
    }
    let rows: Vec<Vec<String>> = [
        ("nothing to do", nothing),
        ("one file changed", one),
        ("everything", complete),
    ]
    .into_iter()
    .map(|(name, row)| {
        let against = |other: &[f64]| {
            let (middle, low, high) = ratio(&row.mirror, other);
            format!("{middle:.2} ({low:.2} to {high:.2})")
        };
        vec![
            name.to_owned(),
            format!("{:.1}", median(&row.mirror)),
            format!("{:.1}", median(&row.rsync)),
            format!("{:.1}", median(&row.git)),
            against(&row.rsync),
            against(&row.rsync_fsync),
            against(&row.git),
        ]
    })
    .collect();
    fs::remove_dir_all(&ground.root)?;
    Ok(table(
        &[
            "apply",
            "mirror, ms",
            "rsync, ms",
            "git status, ms",
            "mirror/rsync",
            "mirror/rsync --fsync",
            "mirror/git status",
        ],
        &rows,
    ))
}

fn measure(ground: &Ground, row: &mut Row) -> Result<()> {
    row.mirror.push(ground.apply("by-mirror")?);
    row.rsync.push(ground.rsync("by-rsync", false)?);
    row.rsync_fsync.push(ground.rsync("by-rsync-fsync", true)?);
    row.git.push(ground.git_status()?);
    Ok(())
}

/// Builds after a hand edit of one file, and after an `apply` that brings the same edit, and
/// compares what Kbuild did.
pub(crate) fn rebuilds(workspace: &Workspace, kernel: &Kernel<'_>) -> Result<String> {
    kernel.build("Linux", &["all"])?;
    let again = built(kernel, workspace)?;

    let file = kernel.source.join(TARGET);
    let before = fs::read(&file).with_context(|| file.display().to_string())?;
    append(&file, "// An edit.\n")?;
    let by_hand = built(kernel, workspace);
    fs::write(&file, &before)?;
    let by_hand = by_hand?;
    built(kernel, workspace)?;

    let mut flat = mirror::flatten(&mirror::Workspace::load(&workspace.root)?)?;
    let tree = mirror::Tree::open(&kernel.source)?;
    let entry = flat.files.get(TARGET).context(TARGET)?;
    let mut bytes = entry.bytes().to_vec();
    bytes.extend_from_slice(b"// An edit.\n");
    let edited = mirror::FlatFile::new(bytes, entry.origin().clone());
    let original = flat.files.insert(TARGET.to_owned(), edited);
    mirror::apply(&flat, &tree, mirror::Options::default())?;
    let by_apply = built(kernel, workspace);
    flat.files
        .extend(original.map(|file| (TARGET.to_owned(), file)));
    mirror::apply(&flat, &tree, mirror::Options::default())?;
    let by_apply = by_apply?;
    built(kernel, workspace)?;

    ensure!(
        by_hand == by_apply,
        "Kbuild built other things after `apply` than after a hand edit:\n  only by hand: {:?}\n  only by apply: {:?}",
        by_hand.difference(&by_apply).collect::<Vec<_>>(),
        by_apply.difference(&by_hand).collect::<Vec<_>>(),
    );
    ensure!(by_hand != again, "the edit made Kbuild build nothing");
    Ok(format!(
        "Kbuild after one changed file: {} steps by hand edit, the same {} by apply; {} when nothing changed",
        by_hand.len(),
        by_apply.len(),
        again.len()
    ))
}

/// What a build does: the lines in which Kbuild says it.
fn built(kernel: &Kernel<'_>, workspace: &Workspace) -> Result<BTreeSet<String>> {
    let text = step(
        "building after a change",
        kernel.make().arg("all"),
        &workspace.log("bench-mirror-build"),
    )?;
    let said = text.lines().filter(|line| line.starts_with("  "));
    Ok(said.map(|line| line.trim().to_owned()).collect())
}
