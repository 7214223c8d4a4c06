// SPDX-License-Identifier: GPL-2.0

//! What rust-analyzer makes of the two `rust-project.json`, beside that of the tree's own generator.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, ensure, Context, Result};
use mirror::ide::{Links, Project, State};
use mirror::{Disk, Tree};
use serde_json::Value;

use crate::commands::with_hint;
use crate::run::{output, run, step};
use crate::table::table;
use crate::tools::{rust_lib_src, which};
use crate::workspace::Workspace;

/// The version that the figures in the documentation are of.
const WANTED: &str = "0.0.349";

/// What one run over one file came to.
#[derive(Debug, PartialEq)]
struct Figures {
    crates: usize,
    expressions: usize,
    unknown: usize,
    partly_unknown: usize,
    /// Each mismatch: where it is, and what it says.
    mismatches: Vec<(PathBuf, String)>,
    /// Each error that an editor would show; none when that was not asked for.
    errors: Option<Vec<(PathBuf, String)>>,
    seconds: f64,
}

/// Finds rust-analyzer, or installs it.
pub(crate) fn find(workspace: &Workspace, install: bool) -> Result<PathBuf> {
    let root = workspace.kernel_dir().join("tools/rust-analyzer");
    let works = |path: &PathBuf| output(Command::new(path).arg("--version")).is_ok();
    let mut places = [Some(root.join("bin/rust-analyzer")), which("rust-analyzer")]
        .into_iter()
        .flatten();
    // One in PATH may be rustup's, which stands for a component that is not installed.
    if let Some(path) = places.find(works) {
        return Ok(path);
    }
    if !install {
        bail!(
            "no rust-analyzer was found in PATH or in {}\n\
             hint: cargo xtask analyze --install, or\n\
             hint: cargo +nightly install --locked ra_ap_rust-analyzer --version {WANTED}",
            root.join("bin").display()
        );
    }
    let mut command = Command::new("cargo");
    command
        .args(["+nightly", "install", "--locked", "ra_ap_rust-analyzer"])
        .args(["--version", WANTED, "--root"])
        .arg(&root)
        // This program was started by a toolchain that is not the nightly one.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .env_remove("RUSTC_BOOTSTRAP");
    step(
        &format!("installing rust-analyzer {WANTED}"),
        &mut command,
        &workspace.log("install-rust-analyzer"),
    )?;
    Ok(root.join("bin/rust-analyzer"))
}

/// Measures all layouts, prints a table, and says whether our own crates are free of mismatches.
///
/// `out` is a build folder; without one that is built only the workspace is measured.
pub(crate) fn report(workspace: &Workspace, analyzer: &Path, out: &Path) -> Result<bool> {
    let mut rows = Vec::new();
    let mut ours_hold = true;
    let mut measure = |layout: &str, folder: &Path, ours: &dyn Fn(&Path) -> bool, errors: bool| {
        let figures = figures(workspace, analyzer, layout, folder, errors)?;
        let of_ours = |found: &[(PathBuf, String)]| -> Vec<String> {
            let mut lines: Vec<String> = found
                .iter()
                .filter(|(path, _)| ours(path))
                .map(|(path, what)| format!("{}: {what}", path.display()))
                .collect();
            lines.dedup();
            lines
        };
        let mismatches = of_ours(&figures.mismatches);
        let wrong = figures.errors.as_deref().map(of_ours);
        rows.push(row(layout, &figures, mismatches.len(), wrong.as_deref()));
        // The other generator's shortcomings are not ours.
        if errors {
            for line in mismatches.iter().chain(wrong.iter().flatten()) {
                println!("{layout}: {line}");
                ours_hold = false;
            }
        }
        anyhow::Ok(())
    };

    prepare_workspace(workspace)?;
    measure("workspace", &workspace.root, &|_| true, true)?;

    if out.join("rust/.kernel.o.cmd").exists() {
        let source = fs::canonicalize(out.join("source"))
            .with_context(|| out.join("source").display().to_string())?;
        let tree = Tree::open(&source).map_err(with_hint)?;
        let project = Project::of_tree(&tree, out).map_err(with_hint)?;
        let ours = |path: &Path| {
            let inside = path.strip_prefix(tree.root());
            match inside.ok().and_then(Path::to_str) {
                Some(name) => mirror::is_ours(name),
                None => path.starts_with(&workspace.root),
            }
        };
        let scratch = workspace.root.join("target/analyze");
        let file = |name: &str, text: &str| -> Result<PathBuf> {
            let folder = scratch.join(name);
            fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
            let path = folder.join(mirror::ide::FILE);
            fs::write(&path, text).with_context(|| path.display().to_string())?;
            Ok(folder)
        };
        let folder = file("tree", project.text())?;
        measure("tree", &folder, &ours, true)?;
        // The generator calls them members, too.
        let all = project.text().replace(
            "\"is_workspace_member\":false",
            "\"is_workspace_member\":true",
        );
        let folder = file("tree-all", &all)?;
        measure("tree, with others' crates", &folder, &ours, false)?;
        let theirs = generator(&tree, out, project.text())?;
        let folder = file("generator", &theirs)?;
        measure("tree, by its own generator", &folder, &ours, false)?;
    } else {
        eprintln!("==> skipped: the tree is not built; run `cargo xtask boot` first");
    }

    println!("by {}", analyzer.display());
    print!(
        "{}",
        table(
            &[
                "layout",
                "crates",
                "expressions",
                "unknown",
                "%",
                "partly unknown",
                "%",
                "mismatches",
                "in ours",
                "errors in ours",
                "seconds",
            ],
            &rows
        )
    );
    Ok(ours_hold)
}

/// Makes the links that the committed file leads through.
fn prepare_workspace(workspace: &Workspace) -> Result<()> {
    let project = Project::of_workspace(&workspace.root).map_err(with_hint)?;
    ensure!(
        project.state().map_err(with_hint)? == State::UpToDate,
        "{} is out of date\nhint: cargo run -p mirror -- ide",
        project.path.display()
    );
    let library = rust_lib_src(workspace)?;
    let links = Links::find(&workspace.root, Some(&library)).map_err(with_hint)?;
    links.make(&Disk::new()).map_err(with_hint)?;
    Ok(())
}

/// What the tree's own generator writes, with the options that its Makefile gives it.
fn generator(tree: &Tree, out: &Path, ours: &str) -> Result<String> {
    let ours: Value = serde_json::from_str(ours)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut command = Command::new("python3");
    command
        .arg(tree.root().join("scripts/generate_rust_analyzer.py"))
        .arg("--cfgs=core=no_fp_fmt_parse")
        .arg(text(&ours["sysroot_project"]["crates"][0]["edition"]))
        .env("RUSTC", "rustc");
    for one in ours["crates"].as_array().into_iter().flatten() {
        let name = text(&one["display_name"]);
        let cfgs: Vec<String> = one["cfg"]
            .as_array()
            .map(|cfgs| cfgs.iter().map(text).collect())
            .unwrap_or_default();
        // Those of modules, such as `MODULE`, it doesn't take.
        if !cfgs.is_empty() && one["env"]["RUST_MODFILE"].is_null() {
            command.arg(format!("--cfgs={name}={}", cfgs.join(" ")));
        }
        if let Some(version) = one["env"]["CARGO_PKG_VERSION"].as_str() {
            command.arg(format!("--envs={name}=CARGO_PKG_VERSION={version}"));
        }
    }
    command
        .arg(tree.root())
        .arg(out)
        .arg(text(&ours["sysroot"]))
        .arg(text(&ours["sysroot_src"]));
    output(&mut command)
}

fn figures(
    workspace: &Workspace,
    analyzer: &Path,
    layout: &str,
    folder: &Path,
    errors: bool,
) -> Result<Figures> {
    let log = |what: &str| {
        let layout: Vec<&str> = layout.split(|c: char| !c.is_alphanumeric()).collect();
        workspace.log(&format!("{what}-{}", layout.concat()))
    };
    let text = step(
        &format!("rust-analyzer analysis-stats ({layout})"),
        Command::new(analyzer)
            .args(["--verbose", "analysis-stats"])
            .arg(folder),
        &log("analysis-stats"),
    )?;
    let mut figures = read_stats(&text)
        .with_context(|| format!("no figures in {}", log("analysis-stats").display()))?;
    if errors {
        // It ends with status 1 when there is an error.
        let (text, _) = run(
            &format!("rust-analyzer diagnostics ({layout})"),
            Command::new(analyzer)
                .args(["diagnostics", "--severity", "error"])
                .arg(folder),
            &log("diagnostics"),
        )?;
        ensure!(
            text.contains("diagnostic scan complete"),
            "the scan did not end; see {}",
            log("diagnostics").display()
        );
        figures.errors = Some(read_diagnostics(&text));
    }
    Ok(figures)
}

/// Reads what `analysis-stats` prints.
fn read_stats(text: &str) -> Option<Figures> {
    let number = |line: &str, name: &str| -> Option<usize> {
        let (_, rest) = line.split_once(name)?;
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    };
    let line = |start: &str| {
        text.lines()
            .find(|line| line.trim_start().starts_with(start))
    };
    let expressions = line("exprs: ")?;
    let total = line("Total: ")?.split_whitespace().nth(1)?;
    let mismatches: Vec<(PathBuf, String)> = text
        .lines()
        .filter(|line| line.contains(": Expected "))
        .filter_map(place)
        .collect();
    Some(Figures {
        crates: number(line("crates: ")?, "crates: ")?,
        expressions: number(expressions, "exprs: ")?,
        unknown: number(expressions, "??ty: ")?,
        partly_unknown: number(expressions, ", ?ty: ")?,
        errors: None,
        seconds: seconds(total.trim_end_matches(','))?,
        // Those in patterns are counted by themselves, and are listed as well.
        mismatches,
    })
}

/// `PATH LINE:COLUMN-LINE:COLUMN: what`.
fn place(line: &str) -> Option<(PathBuf, String)> {
    let at = line.find('/')?;
    let (path, what) = line[at..].split_once(' ')?;
    Some((PathBuf::from(path), what.to_owned()))
}

/// `27.15s`, `905.00ms`.
fn seconds(text: &str) -> Option<f64> {
    let (digits, scale) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    Some(digits.parse::<f64>().ok()? * scale)
}

/// Reads what `diagnostics` prints; the same error of one file in several crates counts once.
fn read_diagnostics(text: &str) -> Vec<(PathBuf, String)> {
    let found: BTreeSet<(PathBuf, String)> = text
        .lines()
        .filter_map(|line| {
            let (_, rest) = line.split_once(", file ")?;
            let (path, what) = rest.split_once(": Error ")?;
            Some((PathBuf::from(path), what.to_owned()))
        })
        .collect();
    found.into_iter().collect()
}

fn row(layout: &str, figures: &Figures, ours: usize, errors: Option<&[String]>) -> Vec<String> {
    let percent = |n: usize| {
        format!(
            "{:.2}",
            n as f64 * 100.0 / figures.expressions.max(1) as f64
        )
    };
    vec![
        layout.to_owned(),
        figures.crates.to_string(),
        figures.expressions.to_string(),
        figures.unknown.to_string(),
        percent(figures.unknown),
        figures.partly_unknown.to_string(),
        percent(figures.partly_unknown),
        figures.mismatches.len().to_string(),
        ours.to_string(),
        errors.map_or_else(|| "-".to_owned(), |errors| errors.len().to_string()),
        format!("{:.0}", figures.seconds),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATS: &str = "\
/w/src/a.rs 3:1-3:9: Expected u8, got &{unknown}
Database loaded:     505.90ms, 21mb (metadata 66.62ms, 396kb; build 905.00ns, 0b)
    crates: 42, mods: 524, decls: 31746, bodies: 27236, adts: 2633
  Workspace:
  exprs: 366189, ??ty: 9257 (2%), ?ty: 13089 (3%), !ty: 1
  pats: 73186, ??ty: 2185 (2%), ?ty: 3366 (4%), !ty: 0
Total:               81.45s, 765mb
";

    #[test]
    fn reads_the_figures() {
        let figures = read_stats(STATS).unwrap();
        assert_eq!(
            figures,
            Figures {
                crates: 42,
                expressions: 366_189,
                unknown: 9257,
                partly_unknown: 13_089,
                mismatches: vec![(
                    PathBuf::from("/w/src/a.rs"),
                    "3:1-3:9: Expected u8, got &{unknown}".to_owned()
                )],
                errors: None,
                seconds: 81.45,
            }
        );
        assert_eq!(
            row("x", &figures, 1, None)[3..7],
            ["9257", "2.53", "13089", "3.57"]
        );
        assert_eq!(read_stats("Total: 1s\n"), None);
        assert_eq!(seconds("250ms"), Some(0.25));
    }

    #[test]
    fn reads_the_diagnostics() {
        let text = "\
at crate a, file /w/a.rs: Error SyntaxError from LineCol { line: 1, col: 2 } to X: no
at crate b, file /w/a.rs: Error SyntaxError from LineCol { line: 1, col: 2 } to X: no
at crate b, file /w/b.rs: Warning RaLint(\"x\") from X to Y: z
diagnostic scan complete
";
        let found = read_diagnostics(text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, Path::new("/w/a.rs"));
    }
}
