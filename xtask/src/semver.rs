// SPDX-License-Identifier: GPL-2.0

//! Which version each crate has to have next: its stored interface against that of its last release.
//!
//! The versions in the manifests are those that come next. So a change that calls for another version
//! raises it in the same commit, and a release finds nothing left to decide.

use std::fmt::Write as _;

use anyhow::{ensure, Result};
use cargo_metadata::semver::{Comparator, Op, Version, VersionReq};
use cargo_metadata::Package;
use regex::Regex;

use crate::table::table;
use crate::workspace::Workspace;
use crate::{api, release};

mod compare;

use compare::{compare, Finding, Level};

/// A crate as the check sees it.
struct Subject {
    name: String,
    manifest: Version,
    /// The last released version and its interface, if there was a release.
    released: Option<(Version, String)>,
    current: String,
    /// The crates of the workspace whose items its interface names.
    shows: Vec<String>,
}

/// What the check found for one crate.
#[derive(Debug)]
struct Verdict {
    name: String,
    manifest: Version,
    released: Option<Version>,
    findings: Vec<Finding>,
    /// What a dependency's version asks for, and why.
    inherited: Vec<(Level, String)>,
    /// The lowest version that may come next.
    needed: Version,
}

impl Verdict {
    fn holds(&self) -> bool {
        self.manifest >= self.needed
    }

    fn level(&self) -> Level {
        self.findings
            .iter()
            .map(|finding| finding.level)
            .chain(self.inherited.iter().map(|(level, _)| *level))
            .max()
            .unwrap_or(Level::Nothing)
    }

    /// What its next version means for those who show its items.
    fn step(&self) -> Level {
        match &self.released {
            None => Level::Nothing,
            Some(released) => between(released, &self.manifest).max(self.level()),
        }
    }
}

/// The lowest version that may follow `released` after a change of this level, by Cargo's rules: the
/// leftmost part that is not 0 tells what is compatible.
fn next(released: &Version, level: Level) -> Version {
    let Version {
        major,
        minor,
        patch,
        ..
    } = *released;
    match (level, major, minor) {
        (Level::Nothing, ..) => released.clone(),
        (Level::Breaking, 0, 0) | (Level::Addition, 0, _) => Version::new(major, minor, patch + 1),
        (Level::Breaking, 0, _) | (Level::Addition, ..) => Version::new(major, minor + 1, 0),
        (Level::Breaking, ..) => Version::new(major + 1, 0, 0),
    }
}

/// Whether those who ask for `released` get `version`.
pub(crate) fn compatible(released: &Version, version: &Version) -> bool {
    let caret = VersionReq {
        comparators: vec![Comparator {
            op: Op::Caret,
            major: released.major,
            minor: Some(released.minor),
            patch: Some(released.patch),
            pre: released.pre.clone(),
        }],
    };
    caret.matches(version)
}

/// What a crate's step from one version to another says of its changes.
fn between(released: &Version, version: &Version) -> Level {
    if version == released {
        Level::Nothing
    } else if compatible(released, version) {
        Level::Addition
    } else {
        Level::Breaking
    }
}

/// The verdict on each crate; a crate comes after those it depends on.
fn judge(subjects: &[Subject]) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for subject in subjects {
        let (released, findings) = match &subject.released {
            Some((version, text)) => (Some(version), compare(text, &subject.current)),
            None => (None, Vec::new()),
        };
        let inherited = match released {
            None => Vec::new(),
            Some(_) => verdicts
                .iter()
                .filter(|verdict| subject.shows.contains(&verdict.name))
                .filter(|verdict| verdict.step() > Level::Nothing)
                .map(|verdict| {
                    let to = verdict.manifest.clone().max(verdict.needed.clone());
                    let why = format!("its interface has items of {} {to}", verdict.name);
                    (verdict.step(), why)
                })
                .collect(),
        };
        let mut verdict = Verdict {
            name: subject.name.clone(),
            manifest: subject.manifest.clone(),
            released: released.cloned(),
            findings,
            inherited,
            needed: subject.manifest.clone(),
        };
        if let Some(released) = released {
            verdict.needed = next(released, verdict.level());
        }
        verdicts.push(verdict);
    }
    verdicts
}

/// Reads what is stored of each crate.
fn subjects(workspace: &Workspace) -> Result<Vec<Subject>> {
    let packages = workspace.kernel_packages();
    packages
        .iter()
        .map(|package| {
            let released = api::released(package)?;
            let current = api::read(&api::current(package))?;
            let released = match released {
                Some(version) => {
                    let text = api::read(&api::at_release(package, &version))?;
                    Some((version, text))
                }
                None => None,
            };
            Ok(Subject {
                name: package.name.to_string(),
                manifest: package.version.clone(),
                released,
                shows: shown(package, &packages, &current)?,
                current,
            })
        })
        .collect()
}

/// The dependencies whose items an interface names.
fn shown(package: &Package, packages: &[&Package], interface: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for dependency in packages {
        let library = api::library(dependency);
        let named = Regex::new(&format!(r"(?m)(?:^|[^\w:]){library}(?:::|$)"))?;
        let depends = package
            .dependencies
            .iter()
            .any(|found| found.name == *dependency.name);
        if depends && named.is_match(interface) {
            names.push(dependency.name.to_string());
        }
    }
    Ok(names)
}

/// The verdict on each crate with a stored interface.
fn verdicts(workspace: &Workspace) -> Result<Vec<Verdict>> {
    Ok(judge(&subjects(workspace)?))
}

/// Shows each change, and the version that each crate has to have.
///
/// # Errors
///
/// Names the crates whose manifests have a lower version.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let verdicts = verdicts(workspace)?;
    print!("{}", report(&verdicts));
    let low: Vec<String> = verdicts
        .iter()
        .filter(|verdict| !verdict.holds())
        .map(|verdict| format!("{} {}", verdict.name, verdict.needed))
        .collect();
    ensure!(
        low.is_empty(),
        "versions are too low for what changed: the manifests need {}\n\
         hint: `cargo xtask semver --fix` raises them",
        low.join(", ")
    );
    let changed = verdicts
        .iter()
        .filter(|verdict| verdict.level() > Level::Nothing)
        .count();
    Ok(match changed {
        0 => format!("{} crates, as released", verdicts.len()),
        _ => format!(
            "{} crates, {changed} changed, versions raised",
            verdicts.len()
        ),
    })
}

/// Raises the versions that are too low, in the manifests and in the workspace's table.
pub(crate) fn fix(workspace: &Workspace) -> Result<String> {
    let verdicts = verdicts(workspace)?;
    let packages = workspace.kernel_packages();
    let low: Vec<(&Package, &Version)> = packages
        .iter()
        .filter_map(|package| {
            let verdict = verdicts
                .iter()
                .find(|verdict| *package.name == verdict.name && !verdict.holds())?;
            Some((*package, &verdict.needed))
        })
        .collect();
    if low.is_empty() {
        return Ok("no version is too low".to_owned());
    }
    release::set_versions(&workspace.root, &low)?;
    let raised: Vec<String> = low
        .iter()
        .map(|(package, version)| format!("{} {version}", package.name))
        .collect();
    Ok(format!("raised: {}", raised.join(", ")))
}

/// Each change, and a table of the versions; nothing if there is no change.
fn report(verdicts: &[Verdict]) -> String {
    let mut text = String::new();
    for verdict in verdicts {
        if verdict.level() == Level::Nothing {
            continue;
        }
        let _ = writeln!(text, "{}:", verdict.name);
        for finding in &verdict.findings {
            let sign = sign(finding.level);
            let _ = writeln!(text, "  {sign} {}", finding.text.replace('\n', "\n    "));
        }
        for (level, why) in &verdict.inherited {
            let _ = writeln!(text, "  {} {why}", sign(*level));
        }
        text.push('\n');
    }
    if text.is_empty() {
        return text;
    }
    let rows: Vec<Vec<String>> = verdicts
        .iter()
        .map(|verdict| {
            vec![
                verdict.name.clone(),
                match &verdict.released {
                    Some(version) => version.to_string(),
                    None => "never".to_owned(),
                },
                match verdict.level() {
                    Level::Nothing => "nothing",
                    Level::Addition => "additions",
                    Level::Breaking => "breaking",
                }
                .to_owned(),
                verdict.needed.to_string(),
                match verdict.holds() {
                    true => verdict.manifest.to_string(),
                    false => format!("{}: too low", verdict.manifest),
                },
            ]
        })
        .collect();
    let header = ["crate", "released", "changes", "calls for", "manifest"];
    text + &table(&header, &rows)
}

/// What stands before a change: what breaks is to be seen at once.
fn sign(level: Level) -> char {
    match level {
        Level::Breaking => '!',
        Level::Addition => '+',
        Level::Nothing => ' ',
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;
    use std::sync::LazyLock;

    use super::*;
    use crate::run::output;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn versions_follow_cargo() {
        for (released, breaking, addition) in [
            ("0.0.3", "0.0.4", "0.0.4"),
            ("0.1.0", "0.2.0", "0.1.1"),
            ("0.7.9", "0.8.0", "0.7.10"),
            ("1.2.3", "2.0.0", "1.3.0"),
        ] {
            let released = version(released);
            assert_eq!(next(&released, Level::Breaking), version(breaking));
            assert_eq!(next(&released, Level::Addition), version(addition));
            assert_eq!(next(&released, Level::Nothing), released);
            assert_eq!(between(&released, &version(breaking)), Level::Breaking);
        }
        assert!(compatible(&version("0.1.0"), &version("0.1.7")));
        assert!(!compatible(&version("0.0.1"), &version("0.0.2")));
    }

    fn subject(name: &str, manifest: &str, old: &str, new: &str, shows: &[&str]) -> Subject {
        Subject {
            name: name.to_owned(),
            manifest: version(manifest),
            released: Some((version("0.1.0"), old.to_owned())),
            current: new.to_owned(),
            shows: shows.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn needed(subjects: &[Subject]) -> Vec<String> {
        let verdicts = judge(subjects);
        verdicts.iter().map(|v| v.needed.to_string()).collect()
    }

    #[test]
    fn those_who_show_an_item_go_with_its_crate() {
        let crates = |low: Subject| {
            [
                low,
                subject("middle", "0.1.0", "pub mod m", "pub mod m", &["low"]),
                subject("top", "0.1.0", "pub mod t", "pub mod t", &["middle"]),
                subject("apart", "0.1.0", "pub mod a", "pub mod a", &[]),
            ]
        };
        let breaking = subject("low", "0.1.0", "pub fn l::f()", "", &[]);
        assert_eq!(
            needed(&crates(breaking)),
            ["0.2.0", "0.2.0", "0.2.0", "0.1.0"]
        );
        let addition = subject("low", "0.1.0", "", "pub fn l::f()", &[]);
        assert_eq!(
            needed(&crates(addition)),
            ["0.1.1", "0.1.1", "0.1.1", "0.1.0"]
        );
        // A version that is raised for other reasons is another type to those who ask for the old one.
        let raised = subject("low", "0.2.0", "", "", &[]);
        assert_eq!(
            needed(&crates(raised)),
            ["0.1.0", "0.2.0", "0.2.0", "0.1.0"]
        );
        let nothing = subject("low", "0.1.0", "", "", &[]);
        assert!(judge(&crates(nothing)).iter().all(Verdict::holds));
    }

    #[test]
    fn a_crate_without_a_release_may_have_any_version() {
        let mut new = subject("new", "0.1.0", "", "pub mod n", &[]);
        new.released = None;
        let verdicts = judge(&[new]);
        assert!(verdicts[0].holds());
    }

    /// A crate's interface, from its sources.
    fn interface_of(source: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("lib.rs"), source).unwrap();
        output(
            Command::new("rustdoc")
                .current_dir(dir.path())
                .args(["--edition", "2021", "--crate-name", "fixture", "lib.rs"])
                .args(api::RUSTDOC_FLAGS.split(' '))
                .arg("--output=.")
                .env("RUSTC_BOOTSTRAP", "1"),
        )
        .unwrap();
        api::render(&dir.path().join("fixture.json"), false).unwrap()
    }

    const FIXTURE: &str = "
        /// A counter.
        pub struct Counter { n: u32 }
        impl Counter {
            pub fn add(&mut self, by: u32) { self.n += by }
            pub fn get(&self) -> u32 { self.n }
        }
        /// Looks on.
        pub trait Watcher {
            fn seen(&self, n: u32);
            fn lost(&self) {}
        }
    ";

    #[track_caller]
    fn after(from: &str, to: &str) -> (String, String) {
        assert_eq!(FIXTURE.matches(from).count(), 1, "{from}");
        static OLD: LazyLock<String> = LazyLock::new(|| interface_of(FIXTURE));
        let new = interface_of(&FIXTURE.replace(from, to));
        let verdicts = judge(&[subject("fixture", "0.1.0", &OLD, &new, &[])]);
        (report(&verdicts), verdicts[0].needed.to_string())
    }

    #[test]
    fn a_removed_method_is_caught_in_the_sources() {
        let (text, needed) = after("pub fn get(&self) -> u32 { self.n }", "");
        assert!(
            text.contains("! removed: pub fn fixture::Counter::get(&self) -> u32"),
            "{text}"
        );
        assert_eq!(needed, "0.2.0");
    }

    #[test]
    fn a_changed_signature_is_caught_in_the_sources() {
        let (text, needed) = after(
            "add(&mut self, by: u32) { self.n += by }",
            "add(&mut self, by: u16) { self.n += u32::from(by) }",
        );
        let expected = "  ! changed: pub fn fixture::Counter::add(&mut self, u32)\n         \
                        to: pub fn fixture::Counter::add(&mut self, u16)\n";
        assert!(text.contains(expected), "{text}");
        assert_eq!(needed, "0.2.0");
    }

    #[test]
    fn a_new_required_trait_item_is_caught_in_the_sources() {
        let (text, needed) = after("fn lost(&self) {}", "fn lost(&self) {} fn reset(&self);");
        let expected = "! new, and implementations lack it: \
                        pub fn fixture::Watcher::reset(&self)";
        assert!(text.contains(expected), "{text}");
        assert_eq!(needed, "0.2.0");

        let (text, needed) = after("fn lost(&self) {}", "fn lost(&self) {} fn reset(&self) {}");
        assert!(
            text.contains("+ new: pub fn fixture::Watcher::reset(&self)"),
            "{text}"
        );
        assert_eq!(needed, "0.1.1");
    }

    #[test]
    fn a_field_that_takes_send_away_is_caught_in_the_sources() {
        let (text, needed) = after(
            "n: u32 }",
            "n: u32, p: core::marker::PhantomData<*mut u8> }",
        );
        assert!(
            text.contains("! removed: impl core::marker::Send for fixture::Counter"),
            "{text}"
        );
        assert_eq!(needed, "0.2.0");
    }

    #[test]
    fn the_body_of_a_method_is_nobodys_business() {
        let (text, needed) = after("{ self.n += by }", "{ self.n = self.n.wrapping_add(by) }");
        assert_eq!(text, "");
        assert_eq!(needed, "0.1.0");
    }
}
