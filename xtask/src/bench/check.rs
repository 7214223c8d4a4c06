// SPDX-License-Identifier: GPL-2.0

//! How long the compiler's answer to a change takes: `cargo check` of the crate that changed, next to Kbuild's
//! build of the one crate that a tree has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure, Context, Result};
use cargo_metadata::Package;

use super::{heard, median, ratio};
use crate::commands::with_hint;
use crate::kernel::Kernel;
use crate::layers::rust_files;
use crate::run::step;
use crate::table::table;
use crate::workspace::{folder, Workspace};

/// How often each answer is measured, next to Kbuild's.
const ROUNDS: usize = 7;

/// How often each is where there is nothing next to it.
const ALONE: usize = 3;

/// What changes: a crate's file, by its name under `src` there and under `rust/kernel` in a tree.
const CHANGES: [(&str, &str); 3] = [
    ("kernel-pci", "pci.rs"),
    ("kernel-sync", "sync/lock.rs"),
    ("kernel-device", "device.rs"),
];

/// What cargo's lines on a crate begin with: one with a build script is compiled, in a way.
const CRATE_LINES: [&str; 2] = ["Checking", "Compiling"];

/// What Kbuild makes of the crates.
const TARGET: &str = "rust/kernel.o";

/// A copy of the workspace, and where it is built.
struct Ground {
    root: PathBuf,
}

impl Ground {
    fn new(workspace: &Workspace) -> Result<Self> {
        let root = workspace.kernel_dir().join("bench-check");
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).with_context(|| root.display().to_string())?;
        let ground = Self { root };
        super::copy(workspace, &ground.workspace())?;
        Ok(ground)
    }

    fn workspace(&self) -> PathBuf {
        self.root.join("workspace")
    }

    /// A `cargo check` of the crate.
    fn cargo(&self, package: &str) -> Command {
        let mut cargo = Command::new("cargo");
        cargo
            .args(["check", "--locked", "--package", package, "--target-dir"])
            .arg(self.root.join("target"))
            .current_dir(self.workspace());
        cargo
    }

    /// The milliseconds that a check of the crate takes, which has changed.
    fn answer(&self, package: &str) -> Result<f64> {
        let (time, said) = heard(&mut self.cargo(package))?;
        ensure!(
            has_checked(&said, package),
            "the change of {package} did not make cargo check it:\n{said}"
        );
        Ok(time)
    }

    /// Forgets what was built.
    fn clean(&self) -> Result<()> {
        let target = self.root.join("target");
        if target.exists() {
            fs::remove_dir_all(&target).with_context(|| target.display().to_string())?;
        }
        Ok(())
    }

    fn remove(self) -> Result<()> {
        fs::remove_dir_all(&self.root).with_context(|| self.root.display().to_string())
    }
}

/// Whether cargo says that it has done something for the crate.
fn has_checked(said: &str, package: &str) -> bool {
    said.lines().any(|line| {
        let mut words = line.split_whitespace();
        words.next().is_some_and(|word| CRATE_LINES.contains(&word))
            && words.next() == Some(package)
    })
}

/// The source with an item that no other round has, and that nobody sees.
fn changed(source: &[u8], round: usize) -> Vec<u8> {
    [source, format!("const _: usize = {round};\n").as_bytes()].concat()
}

/// A tree with the crates in it, and the kernel that is built from it.
struct Mirrored<'a> {
    kernel: &'a Kernel<'a>,
    tree: mirror::Tree,
    flat: mirror::Flat,
}

impl<'a> Mirrored<'a> {
    fn new(workspace: &Workspace, kernel: &'a Kernel<'a>) -> Result<Self> {
        let tree = mirror::Tree::open(&kernel.source).map_err(with_hint)?;
        let crates = mirror::Workspace::load(&workspace.root).map_err(with_hint)?;
        let flat =
            mirror::select(&crates, &tree, &mirror::Selection::default()).map_err(with_hint)?;
        Ok(Self { kernel, tree, flat })
    }

    /// Makes the file another one, in the tree, too; what it was.
    fn change(&mut self, path: &str, bytes: Vec<u8>) -> Result<Vec<u8>> {
        let file = self.flat.files.get_mut(path).context(path.to_owned())?;
        let old = file.bytes().to_vec();
        *file = mirror::FlatFile::new(bytes, file.origin().clone());
        mirror::apply(&self.flat, &self.tree, mirror::Options::default()).map_err(with_hint)?;
        Ok(old)
    }

    /// The milliseconds that `make` takes, and what it said.
    fn make(&self) -> Result<(f64, String)> {
        heard(self.kernel.make().arg(TARGET))
    }

    /// The milliseconds that `make` takes, when the crates have changed.
    fn answer(&self) -> Result<f64> {
        let (time, said) = self.make()?;
        ensure!(
            has_built(&said),
            "the change did not make Kbuild build {TARGET}:\n{said}"
        );
        Ok(time)
    }
}

/// Whether Kbuild says that it has compiled the crates.
fn has_built(said: &str) -> bool {
    said.lines().any(|line| {
        let mut words = line.split_whitespace();
        words.next() == Some("RUSTC") && words.next_back() == Some(TARGET)
    })
}

/// The same work, done by each.
#[derive(Default)]
struct Row {
    cargo: Vec<f64>,
    kbuild: Vec<f64>,
}

/// The table of answers to changes: cargo's, and Kbuild's in `kernel`, to the same ones.
pub(crate) fn against_kbuild(workspace: &Workspace, kernel: &Kernel<'_>) -> Result<String> {
    let ground = Ground::new(workspace)?;
    kernel.build(TARGET, &[TARGET])?;
    let mut mirrored = Mirrored::new(workspace, kernel)?;
    let mut rows = Vec::new();
    for (package, file) in CHANGES {
        step(
            &format!("cargo check -p {package}"),
            &mut ground.cargo(package),
            &workspace.log("bench-check"),
        )?;
        let row = compare(&ground, &mut mirrored, package, file)
            .with_context(|| format!("{package}: {file}"))?;
        rows.push((format!("{package}: {file}"), row));
    }
    let mut nothing = Row::default();
    let (package, _) = CHANGES[0];
    heard(&mut ground.cargo(package))?;
    mirrored.make()?;
    for _ in 0..ROUNDS {
        let (time, said) = heard(&mut ground.cargo(package))?;
        ensure!(
            CRATE_LINES.iter().all(|word| !said.contains(word)),
            "nothing has changed, and cargo does not leave it at that:\n{said}"
        );
        nothing.cargo.push(time);
        nothing.kbuild.push(mirrored.make()?.0);
    }
    rows.push(("nothing".to_owned(), nothing));
    ground.remove()?;
    Ok(show(&rows))
}

/// Changes the file in the workspace's copy and in the tree, time and again, and takes it back.
fn compare(ground: &Ground, mirrored: &mut Mirrored<'_>, package: &str, file: &str) -> Result<Row> {
    eprintln!("==> changing {file} of {package}, {ROUNDS} times");
    let here = ground.workspace().join(package).join("src").join(file);
    let there = format!("rust/kernel/{file}");
    let before = fs::read(&here).with_context(|| here.display().to_string())?;
    let in_tree = mirrored.flat.files.get(&there);
    let in_tree = in_tree.context(there.clone())?.bytes().to_vec();
    let mut row = Row::default();
    let mut rounds = || -> Result<()> {
        for round in 0..ROUNDS {
            fs::write(&here, changed(&before, round))?;
            row.cargo.push(ground.answer(package)?);
            mirrored.change(&there, changed(&in_tree, round))?;
            row.kbuild.push(mirrored.answer()?);
        }
        Ok(())
    };
    let done = rounds();
    // Whatever came of it, the tree is as it was.
    mirrored.change(&there, in_tree)?;
    fs::write(&here, before)?;
    done?;
    Ok(row)
}

fn show(rows: &[(String, Row)]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|(name, row)| {
            let (middle, low, high) = ratio(&row.kbuild, &row.cargo);
            vec![
                name.clone(),
                format!("{:.0}", median(&row.cargo)),
                format!("{:.0}", median(&row.kbuild)),
                format!("{middle:.1}"),
                format!("{low:.1} to {high:.1}"),
            ]
        })
        .collect();
    table(
        &[
            "changed",
            "cargo check, ms",
            "make rust/kernel.o, ms",
            "make/check",
            "spread",
        ],
        &rows,
    )
}

/// The table of each crate by itself: checked with all that it needs from nothing, and after a change.
pub(crate) fn each_crate(workspace: &Workspace) -> Result<String> {
    let ground = Ground::new(workspace)?;
    let mut rows = Vec::new();
    for package in workspace.kernel_packages() {
        eprintln!("==> {} by itself", package.name);
        ground.clean()?;
        let (clean, _) = heard(&mut ground.cargo(&package.name))?;
        let file = root(package)?;
        let file = file
            .strip_prefix(&workspace.root)
            .with_context(|| file.display().to_string())?;
        let file = ground.workspace().join(file);
        let before = fs::read(&file).with_context(|| file.display().to_string())?;
        let mut answers = Vec::new();
        for round in 0..ALONE {
            fs::write(&file, changed(&before, round))?;
            answers.push(ground.answer(&package.name)?);
        }
        fs::write(&file, before)?;
        rows.push(vec![
            package.name.to_string(),
            lines(&folder(package).join("src"))?.to_string(),
            format!("{:.1}", clean / 1e3),
            format!("{:.0}", median(&answers)),
        ]);
    }
    ground.remove()?;
    Ok(table(
        &[
            "crate",
            "lines",
            "from nothing, s",
            "after a change of lib.rs, ms",
        ],
        &rows,
    ))
}

/// The root of the package's library.
fn root(package: &Package) -> Result<&Path> {
    let library = package
        .targets
        .iter()
        .find(|target| target.is_lib() || target.is_proc_macro())
        .with_context(|| format!("{} has no library", package.name))?;
    Ok(library.src_path.as_std_path())
}

/// How many lines there are in the Rust files of a folder.
fn lines(folder: &Path) -> Result<usize> {
    let mut lines = 0;
    for file in rust_files(folder) {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        lines += text.lines().count();
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_whether_the_compiler_was_asked() {
        let said =
            "   Compiling kernel-pci-more v0.1.0 (/w/x)\n    Finished `dev` profile in 0.1s\n";
        assert!(has_checked(said, "kernel-pci-more"));
        assert!(!has_checked(said, "kernel-pci"));
        assert!(has_checked(
            "    Checking kernel-pci v0.1.0 (/w)\n",
            "kernel-pci"
        ));
        assert!(!has_checked("", "kernel-pci"));

        assert!(has_built("  CALL    scripts/x\n  RUSTC L rust/kernel.o\n"));
        assert!(!has_built(
            "  RUSTC L rust/uapi.o\n  EXPORTS rust/kernel.o\n"
        ));
    }

    #[test]
    fn each_change_is_another_one_and_an_item() {
        let one = changed(b"mod a;\n", 1);
        assert_eq!(one, b"mod a;\nconst _: usize = 1;\n");
        assert_ne!(one, changed(b"mod a;\n", 2));
    }

    #[test]
    fn shows_by_how_much_kbuild_takes_longer() {
        let row = Row {
            cargo: vec![10.0, 20.0, 10.0],
            kbuild: vec![100.0, 100.0, 40.0],
        };
        let text = show(&[("kernel-pci: pci.rs".to_owned(), row)]);
        assert!(text.contains("5.0  4.0 to 10.0"), "{text}");
    }
}
