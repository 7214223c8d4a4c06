// SPDX-License-Identifier: GPL-2.0

//! The public interface of the flattened crate, listed line by line, against that of 7.2's own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{ensure, Context, Result};
use regex::Regex;
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::run::step;
use crate::table::table;
use crate::workspace::{folder, Workspace};

mod compare;
pub(crate) mod listing;

use compare::{compare, Compared, Explanation};
use listing::{Reader, ROOT};

/// What `xtask/interface.toml` holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The macros of modules, by module. A listing has all macros at the root.
    #[serde(default)]
    macros: BTreeMap<String, Vec<String>>,
    /// Why lines are not as 7.2 has them.
    #[serde(default)]
    line: Vec<ConfigLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigLine {
    /// A regular expression for the whole of 7.2's line.
    matches: String,
    /// One for what ours has instead, if it has anything.
    ours: Option<String>,
    /// Why ours does not have it, or has it differently.
    reason: String,
}

/// Lists the interface of the mirrored crate that `kernel` was built with.
///
/// rustdoc runs with the flags that Kbuild gave rustc for `kernel.o`. The listing stays in the
/// kernel's output directory as `interface.txt`, to look things up.
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

/// The modules that the workspace's crates declare.
fn own_modules(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let declaration = Regex::new(r"(?m)^(?:pub )?mod (\w+);")?;
    let mut modules = BTreeSet::from([ROOT.to_owned(), "prelude".to_owned()]);
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
    let path = workspace.root.join("xtask/interface.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let config: Config = toml::from_str(&text).with_context(|| path.display().to_string())?;
    let exists = own_modules(workspace)?;

    let roots = roots(&[&theirs, ours]);
    let macros = macros(&config.macros, &theirs, &roots)?;
    let explanations = explanations(config.line)?;
    let reader = Reader {
        roots: &roots,
        macros: &macros,
    };
    let (theirs, ours) = (reader.read(&theirs), reader.read(ours));
    let modules = compare(theirs, ours, &exists, &explanations);
    Ok(render(&modules, &exists, &explanations, verbose))
}

/// The modules at the root of the crate, in any of the listings.
fn roots(listings: &[&[String]]) -> BTreeSet<String> {
    listings
        .iter()
        .flat_map(|lines| lines.iter())
        .filter_map(|line| line.strip_prefix("pub mod kernel::"))
        .filter(|path| !path.contains("::"))
        .map(str::to_owned)
        .collect()
}

/// The module of each macro that `config` names, all of which must exist.
fn macros(
    config: &BTreeMap<String, Vec<String>>,
    theirs: &[String],
    roots: &BTreeSet<String>,
) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for (module, names) in config {
        ensure!(roots.contains(module), "7.2 has no module {module}");
        for name in names {
            let line = format!("pub macro kernel::{name}!");
            ensure!(theirs.contains(&line), "7.2 has no macro {name}!");
            found.insert(name.clone(), module.clone());
        }
    }
    Ok(found)
}

fn explanations(config: Vec<ConfigLine>) -> Result<Vec<Explanation>> {
    let whole = |regex: &str| Regex::new(&format!("^(?:{regex})$"));
    config
        .into_iter()
        .map(|line| {
            Ok(Explanation {
                theirs: whole(&line.matches)?,
                ours: line.ours.as_deref().map(whole).transpose()?,
                reason: line.reason,
            })
        })
        .collect()
}

fn render(
    modules: &BTreeMap<String, Compared>,
    exists: &BTreeSet<String>,
    explanations: &[Explanation],
    verbose: bool,
) -> (String, bool) {
    let (mine, waiting): (Vec<_>, Vec<_>) = modules
        .iter()
        .partition(|(module, _)| exists.contains(*module));

    let mut rows = Vec::new();
    let mut total = [0; 6];
    let mut explained = vec![0; explanations.len()];
    let mut later: BTreeMap<&str, usize> = BTreeMap::new();
    for (module, compared) in &mine {
        let numbers = [
            compared.same,
            compared.missing.len(),
            compared.different.len(),
            compared.explained.values().sum(),
            compared.later.values().map(Vec::len).sum(),
            compared.ours_alone.len(),
        ];
        for (sum, number) in total.iter_mut().zip(numbers) {
            *sum += number;
        }
        rows.push(row(module, numbers));
        for (at, count) in &compared.explained {
            explained[*at] += count;
        }
        for (module, lines) in &compared.later {
            *later.entry(module).or_default() += lines.len();
        }
    }
    rows.push(row("total", total));
    let mut text = table(
        &[
            "module",
            "same",
            "missing",
            "different",
            "explained",
            "later",
            "ours alone",
        ],
        &rows,
    );

    let lines: usize = waiting.iter().map(|(_, compared)| compared.theirs()).sum();
    text += &format!(
        "\n{} modules of 7.2 that no crate here provides yet: {lines} lines\n",
        waiting.len()
    );
    if !later.is_empty() {
        let later: Vec<String> = later
            .iter()
            .map(|(module, count)| format!("{module} {count}"))
            .collect();
        text += &format!(
            "later, for they need a module of these: {}\n",
            later.join(", ")
        );
    }
    for (explanation, count) in explanations.iter().zip(&explained) {
        text += &match count {
            0 => format!("explains nothing: {}\n", explanation.theirs),
            1 => format!("explained, 1 line: {}\n", explanation.reason),
            _ => format!("explained, {count} lines: {}\n", explanation.reason),
        };
    }
    for (module, compared) in &mine {
        for line in &compared.missing {
            text += &format!("missing in {module}: {line}\n");
        }
        for (theirs, ours) in &compared.different {
            text += &format!("different in {module}:\n  7.2:  {theirs}\n  ours: {ours}\n");
        }
        if verbose {
            for (needed, lines) in &compared.later {
                for line in lines {
                    text += &format!("later in {module}, with {needed}: {line}\n");
                }
            }
            for line in &compared.ours_alone {
                text += &format!("ours alone in {module}: {line}\n");
            }
        }
    }
    let complete = total[1] == 0 && total[2] == 0 && !explained.contains(&0);
    (text, complete)
}

fn row(name: &str, numbers: [usize; 6]) -> Vec<String> {
    std::iter::once(name.to_owned())
        .chain(numbers.map(|n| n.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    fn explanation(matches: &str) -> ConfigLine {
        ConfigLine {
            matches: matches.to_owned(),
            ours: None,
            reason: "a reason".to_owned(),
        }
    }

    /// Reports on a tree whose only module is `a`, while 7.2 has `c`, too.
    fn reported(theirs: &str, ours: &str, explained: Vec<ConfigLine>) -> (String, bool) {
        let (theirs, ours) = (lines(theirs), lines(ours));
        let roots = roots(&[&theirs, &ours]);
        let reader = Reader {
            roots: &roots,
            macros: &BTreeMap::new(),
        };
        let exists = BTreeSet::from(["a".to_owned(), ROOT.to_owned()]);
        let explanations = explanations(explained).unwrap();
        let (theirs, ours) = (reader.read(&theirs), reader.read(&ours));
        let modules = compare(theirs, ours, &exists, &explanations);
        render(&modules, &exists, &explanations, true)
    }

    const THEIRS: &str =
        "pub mod kernel::a\npub fn kernel::a::f()\npub fn kernel::a::g(kernel::c::C)\n\
                          pub mod kernel::c\npub struct kernel::c::C";

    #[test]
    fn modules_that_are_for_later_do_not_make_it_incomplete() {
        let (text, complete) = reported(
            THEIRS,
            "pub mod kernel::a\npub fn kernel::a::f()",
            Vec::new(),
        );
        assert!(complete, "{text}");
        assert!(text.contains("1 modules of 7.2 that no crate here provides yet: 2 lines"));
        assert!(text.contains("later, for they need a module of these: c 1\n"));
        assert!(text.contains("later in a, with c: pub fn kernel::a::g(kernel::c::C)\n"));
    }

    #[test]
    fn a_missing_line_makes_it_incomplete_unless_explained() {
        let ours = "pub mod kernel::a\npub fn kernel::a::h()";
        let (text, complete) = reported(THEIRS, ours, Vec::new());
        assert!(!complete);
        assert!(text.contains("missing in a: pub fn kernel::a::f()\n"));
        assert!(text.contains("ours alone in a: pub fn kernel::a::h()\n"));

        let why = vec![explanation(r"pub fn kernel::a::f\(\)")];
        let (text, complete) = reported(THEIRS, ours, why);
        assert!(complete, "{text}");
        assert!(text.contains("explained, 1 line: a reason\n"));
    }

    #[test]
    fn an_explanation_of_nothing_makes_it_incomplete() {
        let ours = "pub mod kernel::a\npub fn kernel::a::f()";
        // It matches a part of a line only.
        let (text, complete) = reported(THEIRS, ours, vec![explanation("pub fn")]);
        assert!(!complete);
        assert!(text.contains("explains nothing: ^(?:pub fn)$\n"));
    }

    #[test]
    fn macros_and_their_modules_exist() {
        let theirs = lines("pub mod kernel::io\npub macro kernel::register!");
        let roots = roots(&[&theirs]);
        let config =
            |module: &str, name: &str| BTreeMap::from([(module.to_owned(), vec![name.to_owned()])]);
        let found = macros(&config("io", "register"), &theirs, &roots).unwrap();
        assert_eq!(found["register"], "io");
        assert!(macros(&config("iO", "register"), &theirs, &roots).is_err());
        assert!(macros(&config("io", "registers"), &theirs, &roots).is_err());
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
