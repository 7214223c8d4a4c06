// SPDX-License-Identifier: GPL-2.0

//! The rules that hold between crates: which may name which, who may be unsafe, and that the
//! documents still name them all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use cargo_metadata::{DependencyKind, Package};
use proc_macro2::{Span, TokenStream, TokenTree};
use walkdir::WalkDir;

use crate::workspace::{folder, Workspace};

/// The crates that everything stands on, below all levels.
const EXTERNALS: &[&str] = &[
    "kernel-bindings",
    "kernel-build-error",
    "kernel-config",
    "kernel-ffi",
    "kernel-macros",
    "kernel-uapi",
    "pin-init",
    "pin-init-internal",
];

/// The facade, above every level.
const FACADE: &str = "kernel";

/// What a driver must not write, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    (
        "unsafe",
        "a driver is safe code: what it needs unsafe for belongs in an abstraction crate",
    ),
    (
        "bindings",
        "a driver names abstractions, never the C bindings",
    ),
    ("extern", "a driver neither calls C nor is called by it"),
    ("no_mangle", "a driver exports no symbols"),
    ("asm", "a driver has no assembly"),
    ("global_asm", "a driver has no assembly"),
];

/// Checks every rule.
///
/// # Errors
///
/// Names each place that breaks one.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let mut broken = Vec::new();
    let arrows = arrows(workspace, &mut broken);
    for package in workspace.driver_packages() {
        for file in rust_files(&folder(package).join("src")) {
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let place = file.strip_prefix(&workspace.root).unwrap_or(&file);
            for (line, word, why) in forbidden(&text)? {
                broken.push(format!("{}:{line}: `{word}`: {why}", place.display()));
            }
        }
    }
    documents(workspace, &mut broken)?;
    named_tests(workspace, &mut broken)?;
    if !broken.is_empty() {
        bail!(
            "the rules between crates are broken\n  {}",
            broken.join("\n  ")
        );
    }
    Ok(format!(
        "{arrows} dependencies point down; {} drivers are safe code over `kernel` alone",
        workspace.driver_packages().len()
    ))
}

/// Checks the direction of every dependency between members, and counts them.
fn arrows(workspace: &Workspace, broken: &mut Vec<String>) -> usize {
    let members: Vec<&Package> = workspace.metadata.workspace_packages();
    let levels = levels(&members, broken);
    let drivers: Vec<&str> = workspace
        .driver_packages()
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut count = 0;
    for package in &members {
        let from = package.name.as_str();
        for dependency in &package.dependencies {
            let to = dependency.name.as_str();
            if !members.iter().any(|member| member.name.as_str() == to)
                || dependency.kind == DependencyKind::Development
            {
                continue;
            }
            count += 1;
            let configuration = to == "kernel-config" && dependency.kind == DependencyKind::Build;
            let allowed = if drivers.contains(&from) {
                // The macros that initialise in place expand to paths of `pin_init`.
                [FACADE, "pin-init"].contains(&to) || configuration
            } else if EXTERNALS.contains(&from) {
                EXTERNALS.contains(&to)
            } else if from == FACADE {
                levels.contains_key(to) || to == "kernel-bindings" || configuration
            } else if let Some(level) = levels.get(from) {
                EXTERNALS.contains(&to) || levels.get(to).is_some_and(|below| below < level)
            } else {
                // The tools know each other and no kernel crate.
                ["xtask", "mirror"].contains(&from) && to == "mirror"
            };
            if !allowed {
                broken.push(format!(
                    "{}: {from} may not depend on {to}",
                    package
                        .manifest_path
                        .strip_prefix(&workspace.root)
                        .unwrap_or(&package.manifest_path)
                ));
            }
        }
    }
    count
}

/// The levels that the abstraction crates' manifests state: a crate may depend on lower levels only.
fn levels<'a>(members: &[&'a Package], broken: &mut Vec<String>) -> BTreeMap<&'a str, u32> {
    let mut levels = BTreeMap::new();
    for package in members {
        let name = package.name.as_str();
        let is_abstraction = package
            .metadata
            .get("mirror")
            .is_some_and(|table| table.get("dest").is_none())
            && name != FACADE;
        match (is_abstraction, mirror::level(package)) {
            (true, Some(level)) => drop(levels.insert(name, level)),
            (true, None) => broken.push(format!(
                "{}: `[package.metadata.mirror]` states no `level`",
                package.manifest_path
            )),
            (false, Some(_)) => broken.push(format!(
                "{}: a `level` is for abstraction crates",
                package.manifest_path
            )),
            (false, None) => {}
        }
    }
    levels
}

/// The words in `source` that no driver may write, with their lines.
fn forbidden(source: &str) -> Result<Vec<(usize, &'static str, &'static str)>> {
    let tokens: TokenStream = source
        .parse()
        .map_err(|error| anyhow::anyhow!("can't read the source: {error}"))?;
    let mut found = Vec::new();
    visit(tokens, &mut |word, span| {
        if let Some((word, why)) = FORBIDDEN.iter().find(|(forbidden, _)| *forbidden == word) {
            found.push((span.start().line, *word, *why));
        }
    });
    Ok(found)
}

/// Calls `f` with every identifier.
pub(crate) fn visit(tokens: TokenStream, f: &mut dyn FnMut(&str, Span)) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => visit(group.stream(), f),
            TokenTree::Ident(ident) => f(&ident.to_string(), ident.span()),
            _ => {}
        }
    }
}

/// That each test is there which the document on soundness names, as `` `FILE` `` or `` `FILE: TEST` ``.
fn named_tests(workspace: &Workspace, broken: &mut Vec<String>) -> Result<()> {
    const DOCUMENT: &str = "docs/soundness.md";
    let path = workspace.root.join(DOCUMENT);
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    for word in text.split('`').skip(1).step_by(2) {
        let (file, test) = word.split_once(": ").unwrap_or((word, ""));
        if !file.contains('/') {
            continue;
        }
        let path = workspace.root.join(file);
        if !path.exists() {
            broken.push(format!("{DOCUMENT}: there is no {file}"));
        } else if !test.is_empty() && !fs::read_to_string(&path)?.contains(test) {
            broken.push(format!("{DOCUMENT}: {file} has no `{test}`"));
        }
    }
    Ok(())
}

/// That the map names every crate there is, and none that is gone, and that its picture is of today.
fn documents(workspace: &Workspace, broken: &mut Vec<String>) -> Result<()> {
    let picture = fs::read_to_string(workspace.root.join("docs/crates.svg")).unwrap_or_default();
    if picture != mirror::Graph::new(&workspace.metadata).svg() {
        broken.push(
            "docs/crates.svg is not the graph: `cargo xtask graph > docs/crates.svg` draws it again"
                .to_owned(),
        );
    }
    let path = workspace.root.join("ARCHITECTURE.md");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let names: Vec<&str> = workspace
        .metadata
        .workspace_packages()
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    for name in &names {
        if !text.contains(&format!("`{name}`")) {
            broken.push(format!("ARCHITECTURE.md does not name `{name}`"));
        }
    }
    for word in text.split('`').skip(1).step_by(2) {
        let looks_like_crate =
            word.starts_with("kernel-") && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        if looks_like_crate && !names.contains(&word) {
            broken.push(format!(
                "ARCHITECTURE.md names `{word}`, and there is no such crate"
            ));
        }
    }
    Ok(())
}

/// All Rust files below `dir`.
pub(crate) fn rust_files(dir: &Path) -> Vec<PathBuf> {
    WalkDir::new(dir)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_leaves_safe_code_is_caught() {
        let found = forbidden(
            "// unsafe in a comment is fine\nfn f() {\n    let s = \"unsafe\";\n    unsafe { g() }\n}\n\
             use kernel::bindings;\nextern \"C\" fn g() {}\n",
        )
        .unwrap();
        let words: Vec<(usize, &str)> =
            found.iter().map(|(line, word, _)| (*line, *word)).collect();
        assert_eq!(words, [(4, "unsafe"), (6, "bindings"), (7, "extern")]);
        assert!(forbidden("fn f() { kernel::pr_info!(\"x\"); }")
            .unwrap()
            .is_empty());
    }

    #[test]
    fn an_arrow_that_does_not_point_down_is_caught() {
        let mut workspace = Workspace::load().unwrap();
        let set = |workspace: &mut Workspace, name: &str, level: serde_json::Value| {
            let packages = &mut workspace.metadata.packages;
            let package = packages.iter_mut().find(|p| *p.name == name).unwrap();
            package.metadata["mirror"]["level"] = level;
        };
        let broken = |workspace: &Workspace| {
            let mut broken = Vec::new();
            arrows(workspace, &mut broken);
            broken.join("\n")
        };
        assert_eq!(broken(&workspace), "");
        set(&mut workspace, "kernel-sync", 9.into());
        assert!(broken(&workspace).contains("kernel-mm may not depend on kernel-sync"));
        set(&mut workspace, "kernel-sync", serde_json::Value::Null);
        assert!(broken(&workspace).contains("states no `level`"));
    }

    #[test]
    fn this_workspace_keeps_the_rules() {
        check(&Workspace::load().unwrap()).unwrap();
    }
}
