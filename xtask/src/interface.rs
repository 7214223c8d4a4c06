// SPDX-License-Identifier: GPL-2.0

//! The public interface of the flattened crate, listed line by line, against that of 7.2's own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure, Context, Result};
use regex::Regex;
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::run::step;
use crate::table::table;
use crate::workspace::{folder, Workspace};

/// Lines of 7.2's interface that ours does not have, with the reason: `xtask/interface.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Explanations {
    #[serde(default)]
    line: Vec<Explanation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Explanation {
    /// A regular expression that the whole line matches.
    matches: String,
    /// Why ours does not have it, or has it differently.
    reason: String,
}

/// Lists the interface of the mirrored crate that `kernel` was built with.
///
/// rustdoc runs with the flags that Kbuild gave rustc for `kernel.o`.
pub(crate) fn list(kernel: &Kernel<'_>) -> Result<Vec<String>> {
    let record = kernel.out().join("rust/.kernel.o.cmd");
    let text = fs::read_to_string(&record)
        .with_context(|| format!("{}: build the kernel first", record.display()))?;
    let saved = text
        .lines()
        .find_map(|line| line.strip_prefix("savedcmd_rust/kernel.o := "))
        .with_context(|| format!("{} holds no command", record.display()))?;
    let json = kernel.out().join("rustdoc-json");
    fs::create_dir_all(&json)?;
    step(
        "rustdoc of the flattened crate",
        Command::new("sh")
            .arg("-c")
            .arg(rustdoc(saved, &json))
            .current_dir(kernel.out())
            .env("RUSTC_BOOTSTRAP", "1"),
        &kernel
            .workspace
            .log(&format!("{}-rustdoc-json", kernel.name)),
    )?;
    let api = public_api::Builder::from_rustdoc_json(json.join("kernel.json"))
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .context("the listing of rustdoc's JSON failed")?;
    let lines: Vec<String> = api.items().map(ToString::to_string).collect();
    let listing = kernel.out().join("interface.txt");
    fs::write(&listing, lines.join("\n") + "\n").with_context(|| listing.display().to_string())?;
    Ok(lines)
}

/// Turns the command that compiled `kernel.o` into one that documents it as JSON.
fn rustdoc(saved: &str, out: &Path) -> String {
    // What follows the first `;` works on the object.
    let compile = saved.split(" ; ").next().unwrap_or(saved);
    let mut words: Vec<String> = Vec::new();
    let mut skip = false;
    for word in compile.split_whitespace() {
        if std::mem::take(&mut skip) {
            continue;
        }
        match word {
            "--crate-type" | "--out-dir" => skip = true,
            _ if word.starts_with("--emit=") || word.starts_with("--remap-path-scope") => {}
            _ => words.push(word.to_owned()),
        }
    }
    if let Some(program) = words
        .iter_mut()
        .find(|word| *word == "rustc" || word.ends_with("/rustc"))
    {
        *program = "rustdoc".to_owned();
    }
    format!(
        "{} -Zunstable-options -Cunsafe-allow-abi-mismatch=fixed-x18 --output-format json --output {} --cap-lints allow",
        words.join(" "),
        out.display()
    )
}

/// How the lines of one module compare.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    same: usize,
    missing: Vec<String>,
    different: Vec<(String, String)>,
    ours_alone: Vec<String>,
    explained: BTreeMap<String, usize>,
}

/// Compares two listings, module by module.
fn compare(
    theirs: &[String],
    ours: &[String],
    explanations: &[(Regex, String)],
) -> BTreeMap<String, Compared> {
    let count = |lines: &[String]| {
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        for line in lines {
            *counted.entry(line.clone()).or_default() += 1;
        }
        counted
    };
    let (theirs, mut ours) = (count(theirs), count(ours));
    let mut modules: BTreeMap<String, Compared> = BTreeMap::new();
    let mut missing: Vec<String> = Vec::new();
    for (line, times) in theirs {
        let have = ours.get_mut(&line);
        let same = have.map_or(0, |have| {
            let same = times.min(*have);
            *have -= same;
            same
        });
        modules.entry(module(&line)).or_default().same += same;
        missing.extend(std::iter::repeat_n(line, times - same));
    }
    let mut alone: Vec<String> = ours
        .into_iter()
        .flat_map(|(line, times)| std::iter::repeat_n(line, times))
        .collect();
    for line in missing {
        let compared = modules.entry(module(&line)).or_default();
        if let Some((_, reason)) = explanations.iter().find(|(regex, _)| regex.is_match(&line)) {
            *compared.explained.entry(reason.clone()).or_default() += 1;
        } else if let Some(at) = alone.iter().position(|other| key(other) == key(&line)) {
            compared.different.push((line, alone.remove(at)));
        } else {
            compared.missing.push(line);
        }
    }
    for line in alone {
        modules
            .entry(module(&line))
            .or_default()
            .ours_alone
            .push(line);
    }
    modules
}

/// What an item is called, without its signature.
fn key(line: &str) -> &str {
    if line.starts_with("impl") {
        return line;
    }
    let start = line.find("kernel::").unwrap_or(0);
    let end = line[start..]
        .find(['(', ' ', '='])
        .map_or(line.len(), |at| start + at);
    &line[start..end]
}

/// The module of `kernel` that a line belongs to.
fn module(line: &str) -> String {
    let subject = match line.starts_with("impl") {
        true => line.rsplit(" for ").next().unwrap_or(line),
        false => line,
    };
    let place = subject.find("kernel::").map(|at| &subject[at..]);
    let Some(path) = place.or_else(|| line.find("kernel::").map(|at| &line[at..])) else {
        return "(root)".to_owned();
    };
    let name: String = path["kernel::".len()..]
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let is_module = path["kernel::".len() + name.len()..].starts_with("::")
        && name.starts_with(|c: char| c.is_lowercase());
    if is_module || line == format!("pub mod kernel::{name}") {
        name
    } else {
        "(root)".to_owned()
    }
}

/// The modules that the workspace's crates declare.
fn own_modules(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let declaration = Regex::new(r"(?m)^(?:pub )?mod (\w+);")?;
    let mut modules = BTreeSet::from(["(root)".to_owned(), "prelude".to_owned()]);
    for package in workspace.kernel_packages() {
        let seam = folder(package).join("src/lib.rs");
        let text = fs::read_to_string(&seam).with_context(|| seam.display().to_string())?;
        modules.extend(
            declaration
                .captures_iter(&text)
                .map(|found| found[1].to_owned()),
        );
    }
    Ok(modules)
}

/// The report, and whether every line of the modules that exist is there or explained.
pub(crate) fn report(
    workspace: &Workspace,
    reference: &Path,
    ours: &[String],
    verbose: bool,
) -> Result<(String, bool)> {
    let theirs: Vec<String> = fs::read_to_string(reference)
        .with_context(|| reference.display().to_string())?
        .lines()
        .map(str::to_owned)
        .collect();
    ensure!(!theirs.is_empty(), "{} is empty", reference.display());
    let explanations = explanations(workspace)?;
    let own = own_modules(workspace)?;
    let (mine, later): (BTreeMap<_, _>, BTreeMap<_, _>) = compare(&theirs, ours, &explanations)
        .into_iter()
        .partition(|(module, _)| own.contains(module));

    let mut rows = Vec::new();
    let mut total = [0; 5];
    for (module, compared) in &mine {
        let numbers = [
            compared.same,
            compared.missing.len(),
            compared.different.len(),
            compared.explained.values().sum(),
            compared.ours_alone.len(),
        ];
        for (sum, number) in total.iter_mut().zip(numbers) {
            *sum += number;
        }
        rows.push(
            std::iter::once(module.clone())
                .chain(numbers.map(|n| n.to_string()))
                .collect(),
        );
    }
    rows.push(
        std::iter::once("total".to_owned())
            .chain(total.map(|n| n.to_string()))
            .collect(),
    );
    let mut text = table(
        &[
            "module",
            "same",
            "missing",
            "different",
            "explained",
            "ours alone",
        ],
        &rows,
    );
    let waiting: usize = later
        .values()
        .map(|c| c.same + c.missing.len() + c.different.len() + c.explained.values().sum::<usize>())
        .sum();
    text += &format!(
        "\n{} modules of 7.2 that no crate here provides yet: {waiting} lines\n",
        later.len()
    );

    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for compared in mine.values() {
        for (reason, count) in &compared.explained {
            *reasons.entry(reason).or_default() += count;
        }
    }
    for (reason, count) in reasons {
        text += &format!("explained, {count} lines: {reason}\n");
    }
    for (module, compared) in &mine {
        for line in &compared.missing {
            text += &format!("missing in {module}: {line}\n");
        }
        for (theirs, ours) in &compared.different {
            text += &format!("different in {module}:\n  7.2:  {theirs}\n  ours: {ours}\n");
        }
        if verbose {
            for line in &compared.ours_alone {
                text += &format!("ours alone in {module}: {line}\n");
            }
        }
    }
    Ok((text, total[1] == 0 && total[2] == 0))
}

fn explanations(workspace: &Workspace) -> Result<Vec<(Regex, String)>> {
    let path: PathBuf = workspace.root.join("xtask/interface.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let parsed: Explanations = toml::from_str(&text).with_context(|| path.display().to_string())?;
    parsed
        .line
        .into_iter()
        .map(|line| {
            let regex = Regex::new(&format!("^(?:{})$", line.matches))?;
            Ok((regex, line.reason))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn lines_belong_to_the_module_they_are_about() {
        assert_eq!(
            module("pub fn kernel::alloc::Flags::new() -> Self"),
            "alloc"
        );
        assert_eq!(
            module("impl core::fmt::Debug for kernel::error::Error"),
            "error"
        );
        assert_eq!(
            module(
                "impl<T> core::convert::From<kernel::alloc::AllocError> for kernel::error::Error"
            ),
            "error"
        );
        assert_eq!(
            module("impl kernel::transmute::AsBytes for u8"),
            "transmute"
        );
        assert_eq!(module("pub macro kernel::pr_info!"), "(root)");
        assert_eq!(module("pub mod kernel::sync"), "sync");
        assert_eq!(module("pub struct kernel::ThisModule(_)"), "(root)");
    }

    #[test]
    fn lines_are_same_missing_different_or_ours_alone() {
        let theirs = lines("pub fn kernel::a::f()\npub fn kernel::a::g(u8)\npub fn kernel::a::h()\npub fn kernel::a::i()");
        let ours = lines("pub fn kernel::a::f()\npub fn kernel::a::g(u16)\npub fn kernel::a::k()");
        let why = vec![(Regex::new("^.*::i\\(\\)$").unwrap(), "a reason".to_owned())];
        let compared = &compare(&theirs, &ours, &why)["a"];
        assert_eq!(compared.same, 1);
        assert_eq!(compared.missing, ["pub fn kernel::a::h()"]);
        assert_eq!(
            compared.different,
            [(
                "pub fn kernel::a::g(u8)".to_owned(),
                "pub fn kernel::a::g(u16)".to_owned()
            )]
        );
        assert_eq!(compared.ours_alone, ["pub fn kernel::a::k()"]);
        assert_eq!(compared.explained["a reason"], 1);
    }

    #[test]
    fn rustdoc_gets_the_flags_that_rustc_had() {
        let saved =
            "OBJTREE=/o rustc --edition=2021 --cfg x --emit=obj=rust/kernel.o --crate-type rlib \
                     -L./rust --crate-name kernel ../lib.rs ; objtool rust/kernel.o";
        assert_eq!(
            rustdoc(saved, Path::new("/json")),
            "OBJTREE=/o rustdoc --edition=2021 --cfg x -L./rust --crate-name kernel ../lib.rs \
             -Zunstable-options -Cunsafe-allow-abi-mismatch=fixed-x18 --output-format json --output /json \
             --cap-lints allow"
        );
    }
}
