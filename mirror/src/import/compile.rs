// SPDX-License-Identifier: GPL-2.0

//! Checks the crates after an import: what a kernel tree takes, where all are one crate, may be more
//! than they can have.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel, DiagnosticSpan};
use cargo_metadata::{DependencyKind, Message, MetadataCommand};

use crate::error::{Error, Result};
use crate::flatten::flatten;
use crate::map::Map;
use crate::workspace::Workspace;

use super::definitions::{impl_at, Definitions};
use super::stage::relative;
use super::ImportError;

/// Why crates do not check, in terms of what parts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// An impl belongs into the crate of its trait or of its type.
    Orphan,
    /// So does an impl without a trait, into the crate of its type.
    Inherent,
    /// A crate names only what it, or a crate below it, has.
    Layering,
    /// What is `pub(crate)` or private ends at the crate's border.
    Privacy,
    /// Two crates' impls are for the same type.
    Overlap,
    /// None of these: an error as it would be in the tree.
    Other,
}

/// What the compiler refuses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Breach {
    /// The file of the workspace.
    pub source: String,
    /// The line, from 1.
    pub line: usize,
    /// The file of the tree, if it becomes one.
    pub path: Option<String>,
    /// The rule that the edit breaks.
    pub rule: Rule,
    /// The compiler's code for it.
    pub code: String,
    /// The crate that the file is of.
    pub package: String,
    /// The crate on the other side of the border, and what is there.
    pub other: Option<(String, String)>,
    /// Whether the other crate depends on this one.
    pub upward: bool,
    /// The compiler's words.
    pub message: String,
}

impl Breach {
    /// The rule and the two crates.
    pub fn describe(&self) -> String {
        let Self {
            code,
            package,
            other,
            ..
        } = self;
        let name = match self.rule {
            Rule::Orphan => "orphan rule",
            Rule::Inherent => "impl outside of the type's crate",
            Rule::Layering => "layering",
            Rule::Privacy => "privacy",
            Rule::Overlap => "overlapping impls",
            Rule::Other => "error",
        };
        let rule = match code.is_empty() {
            true => name.to_owned(),
            false => format!("{name} ({code})"),
        };
        let Some((other, what)) = other else {
            return format!("{rule} in {package}");
        };
        match self.rule {
            Rule::Orphan | Rule::Inherent => {
                format!("{rule}: the impl is in {package}, and `{what}` is {other}'s")
            }
            Rule::Layering if self.upward => format!(
                "{rule}: {package} names `{what}`, which is {other}'s; {other} depends on {package}, \
                 and a way back would be a cycle"
            ),
            Rule::Layering => format!(
                "{rule}: {package} names `{what}`, which is {other}'s, and does not depend on {other}"
            ),
            Rule::Privacy => format!("{rule}: {package} uses what only {other} may"),
            Rule::Overlap => format!("{rule}: {package} and {other} both have one"),
            Rule::Other => format!("{rule} in {package}"),
        }
    }
}

/// Checks `packages`, and those that depend on them, with Cargo; says what the compiler refuses.
///
/// # Errors
///
/// [`ImportError::Check`] when Cargo fails for another reason.
pub fn compile(workspace: &Workspace, packages: &BTreeSet<&str>) -> Result<Vec<Breach>> {
    let failed = |reason: String| -> Error { ImportError::Check { reason }.into() };
    let members = Members::load(workspace).map_err(failed)?;
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["check", "--quiet", "--keep-going", "--message-format=json"])
        .current_dir(&workspace.root)
        .stdin(Stdio::null());
    for package in members.dependents(packages) {
        command.args(["--package", package]);
    }
    let output = command
        .output()
        .map_err(|error| failed(error.to_string()))?;

    let flat = flatten(workspace)?;
    let judge = Judge {
        workspace,
        members: &members,
        map: Map::new(workspace, &flat),
        definitions: Definitions::new(&flat),
    };
    let mut breaches = BTreeSet::new();
    for message in Message::parse_stream(output.stdout.as_slice()) {
        let Ok(Message::CompilerMessage(message)) = message else {
            continue;
        };
        if message.message.level != DiagnosticLevel::Error {
            continue;
        }
        let package = members.names.get(&message.package_id.repr);
        let package = package.map_or(message.target.name.as_str(), String::as_str);
        breaches.extend(judge.breach(package, &message.message));
    }
    if breaches.is_empty() && !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let line = words.lines().find_map(|line| line.strip_prefix("error: "));
        return Err(failed(line.unwrap_or(words.trim()).to_owned()));
    }
    Ok(breaches.into_iter().collect())
}

/// The workspace's packages, those outside of trees included.
struct Members {
    names: BTreeMap<String, String>,
    dependencies: BTreeMap<String, BTreeSet<String>>,
}

impl Members {
    fn load(workspace: &Workspace) -> Result<Self, String> {
        let metadata = MetadataCommand::new()
            .current_dir(&workspace.root)
            .no_deps()
            .other_options(vec!["--offline".to_owned()])
            .exec()
            .map_err(|error| error.to_string())?;
        let packages = metadata.packages.iter();
        let names: BTreeMap<_, _> = packages
            .clone()
            .map(|package| (package.id.repr.clone(), package.name.to_string()))
            .collect();
        let dependencies = packages.map(|package| {
            let normal = package.dependencies.iter();
            let normal = normal.filter(|dependency| dependency.kind != DependencyKind::Development);
            let names = normal.map(|dependency| dependency.name.clone());
            (package.name.to_string(), names.collect())
        });
        Ok(Self {
            dependencies: dependencies.collect(),
            names,
        })
    }

    /// All that `package` depends on, by whatever way.
    fn below<'a>(&'a self, package: &'a str) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open = vec![package];
        while let Some(next) = open.pop() {
            for name in self.dependencies.get(next).into_iter().flatten() {
                if self.dependencies.contains_key(name) && found.insert(name.as_str()) {
                    open.push(name);
                }
            }
        }
        found
    }

    /// `packages`, and all that depend on any of them.
    fn dependents(&self, packages: &BTreeSet<&str>) -> BTreeSet<&str> {
        let all = self.dependencies.keys().map(String::as_str);
        all.filter(|name| {
            packages.contains(name)
                || self
                    .below(name)
                    .iter()
                    .any(|below| packages.contains(below))
        })
        .collect()
    }
}

struct Judge<'a> {
    workspace: &'a Workspace,
    members: &'a Members,
    map: Map,
    definitions: Definitions,
}

impl Judge<'_> {
    fn breach(&self, package: &str, message: &Diagnostic) -> Option<Breach> {
        // `aborting due to …` has no place.
        let span = self.span(message.spans.iter().find(|span| span.is_primary)?);
        let source = self.source(&span.file_name);
        let code = message.code.as_ref().map(|code| code.code.clone());
        let code = code.unwrap_or_default();
        let below = self.members.below(package);
        let rule = match code.as_str() {
            "E0117" | "E0210" => Rule::Orphan,
            "E0116" | "E0118" | "E0390" => Rule::Inherent,
            "E0119" => Rule::Overlap,
            "E0405" | "E0412" | "E0422" | "E0423" | "E0425" | "E0432" | "E0433" | "E0531"
            | "E0532" | "E0574" | "E0576" => Rule::Layering,
            "E0364" | "E0365" | "E0451" | "E0603" | "E0616" | "E0624" => Rule::Privacy,
            _ => Rule::Other,
        };
        let other = match rule {
            Rule::Orphan | Rule::Inherent => {
                self.foreign_in_impl(package, &source, span.line_start)
            }
            Rule::Layering => self.out_of_reach(package, &below, span, &message.message),
            Rule::Privacy | Rule::Overlap => self.other_side(package, &below, message),
            Rule::Other => None,
        };
        // Within a crate it is an error like any other.
        let rule = match (rule, &other) {
            (Rule::Layering | Rule::Privacy | Rule::Overlap, None) => Rule::Other,
            (rule, _) => rule,
        };
        let upward = other
            .as_ref()
            .is_some_and(|(other, _)| self.members.below(other).contains(package));
        Some(Breach {
            path: self.map.tree_path(&source),
            line: span.line_start,
            source,
            rule,
            code,
            package: package.to_owned(),
            other,
            upward,
            message: message.message.clone(),
        })
    }

    /// Where a macro that is not of the workspace was called.
    fn span<'s>(&self, span: &'s DiagnosticSpan) -> &'s DiagnosticSpan {
        let mut span = span;
        while let Some(expansion) = &span.expansion {
            if self.map.package_of(&self.source(&span.file_name)).is_some() {
                break;
            }
            span = &expansion.span;
        }
        span
    }

    /// A file as the compiler names it, relative to the workspace.
    fn source(&self, file: &str) -> String {
        relative(self.workspace, std::path::Path::new(file))
    }

    /// What the impl at that line is about and is another crate's: the type, or else the trait.
    fn foreign_in_impl(
        &self,
        package: &str,
        source: &str,
        line: usize,
    ) -> Option<(String, String)> {
        let text = std::fs::read_to_string(self.workspace.root.join(source)).ok()?;
        let below = self.members.below(package);
        impl_at(&text, line).into_iter().rev().find_map(|name| {
            let mut crates = self.definitions.of(&name);
            let other = crates.find(|other| below.contains(other))?;
            Some((other.to_owned(), name))
        })
    }

    /// The first name of a path that a crate has which this one does not depend on.
    fn out_of_reach(
        &self,
        package: &str,
        below: &BTreeSet<&str>,
        span: &DiagnosticSpan,
        words: &str,
    ) -> Option<(String, String)> {
        let mut names = path_around(span);
        names.extend(quoted(words).flat_map(|text| text.split("::").map(str::to_owned)));
        names.into_iter().find_map(|name| {
            let mut crates = self.definitions.of(&name).peekable();
            crates.peek()?;
            let mut reached = false;
            let other = crates.find(|other| {
                reached |= *other == package || below.contains(other);
                !reached
            });
            let other = other.filter(|_| !reached)?;
            Some((other.to_owned(), name.clone()))
        })
    }

    /// The crate that the compiler points at, other than this one.
    fn other_side(
        &self,
        package: &str,
        below: &BTreeSet<&str>,
        message: &Diagnostic,
    ) -> Option<(String, String)> {
        let spans = message
            .spans
            .iter()
            .chain(message.children.iter().flat_map(|note| &note.spans));
        let mut packages =
            spans.filter_map(|span| self.map.package_of(&self.source(&span.file_name)));
        if let Some(other) = packages.find(|other| *other != package) {
            return Some((other.to_owned(), String::new()));
        }
        let libraries = self.workspace.packages.iter();
        let mut libraries = libraries.filter(|other| other.name != package);
        let texts = || {
            let notes = message.children.iter().map(|note| note.message.as_str());
            notes.chain([message.message.as_str()])
        };
        let named = libraries.find(|other| {
            texts()
                .flat_map(quoted)
                .any(|name| name.split("::").next() == Some(&other.lib))
                && below.contains(other.name.as_str())
        });
        if let Some(other) = named {
            return Some((other.name.clone(), String::new()));
        }
        quoted(&message.message).find_map(|name| {
            let mut crates = self.definitions.of(name);
            let other = crates.find(|other| below.contains(other))?;
            Some((other.to_owned(), name.to_owned()))
        })
    }
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The names of the path that a span is in, without those that mean a crate's root.
fn path_around(span: &DiagnosticSpan) -> Vec<String> {
    let Some(line) = span.text.first() else {
        return Vec::new();
    };
    let letters: Vec<char> = line.text.chars().collect();
    let is_path = |c: &char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let start = line.highlight_start.saturating_sub(1).min(letters.len());
    let begin = letters[..start]
        .iter()
        .rposition(|c| !is_path(c))
        .map_or(0, |at| at + 1);
    let end = letters[start..]
        .iter()
        .position(|c| !is_path(c))
        .map_or(letters.len(), |at| start + at);
    let path: String = letters[begin..end].iter().collect();
    path.split("::")
        .filter(|name| !matches!(*name, "" | "crate" | "kernel" | "self" | "super"))
        .map(str::to_owned)
        .collect()
}
