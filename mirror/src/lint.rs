// SPDX-License-Identifier: GPL-2.0

//! `mirror lint`, which finds what Cargo accepts and a tree would not, or would never compile.
//!
//! Under Cargo each crate is compiled by itself, and in a tree all of them are one. What goes wrong
//! in between is found here: files that no `mod` reaches, paths that two crates claim, conditions
//! that no kernel's configuration makes true, helpers whose names meet, examples that need a crate
//! that a tree may do without.

mod cfgs;
mod examples;
mod helpers;
mod kconfig;
mod modules;
mod places;
mod predicate;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::flatten::flatten;
use crate::image::Image;
use crate::tree::Tree;
use crate::workspace::Workspace;

use kconfig::Kconfig;

/// Something in a crate that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The file, from the workspace's folder.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
    /// What to do about it.
    pub advice: String,
}

/// Finds what is wrong with how the workspace's crates map into a tree. With `tree`, options that
/// its Kconfig files do not define are found as well.
///
/// # Errors
///
/// When a file cannot be read, or is no file.
pub fn lint(workspace: &Workspace, tree: Option<&Tree>) -> Result<Vec<Finding>> {
    let crates: Vec<Crate> = workspace
        .packages
        .iter()
        .map(|package| Image::read(package).map(Crate::new))
        .collect::<Result<_>>()?;
    let kconfig = tree.map(Kconfig::read).transpose()?;
    let mut findings = Findings {
        root: &workspace.root,
        list: Vec::new(),
    };
    for krate in &crates {
        for (name, error) in &krate.unreadable {
            findings.add(
                krate,
                name,
                error.line,
                error.what.clone(),
                "see what rustc says",
            );
        }
        let conditions = modules::check(krate, &mut findings);
        cfgs::check(krate, &conditions, kconfig.as_ref(), &mut findings);
    }
    places::check(&crates, &mut findings);
    helpers::check(&crates, kconfig.as_ref(), &mut findings);
    examples::check(workspace, &crates, &mut findings);

    let mut list = findings.list;
    list.sort();
    list.dedup();
    if list.is_empty() {
        // Whatever else keeps the crates out of a tree.
        flatten(workspace)?;
    }
    Ok(list)
}

/// A crate, with its Rust sources as they are understood.
struct Crate {
    image: Image,
    /// By their names in the crate.
    sources: BTreeMap<String, Source>,
    /// Those that are no Rust.
    unreadable: BTreeMap<String, Unreadable>,
}

struct Source {
    file: syn::File,
    tokens: TokenStream,
}

struct Unreadable {
    line: usize,
    what: String,
}

impl Crate {
    fn new(image: Image) -> Self {
        let mut sources = BTreeMap::new();
        let mut unreadable = BTreeMap::new();
        for (name, file) in &image.files {
            if !name.ends_with(".rs") {
                continue;
            }
            match Source::parse(&file.bytes) {
                Ok(source) => {
                    sources.insert(name.clone(), source);
                }
                Err(error) => {
                    unreadable.insert(name.clone(), error);
                }
            }
        }
        Self {
            image,
            sources,
            unreadable,
        }
    }

    fn name(&self) -> &str {
        &self.image.package.name
    }

    fn text(&self, name: &str) -> Option<std::borrow::Cow<'_, str>> {
        self.image
            .files
            .get(name)
            .map(|file| String::from_utf8_lossy(&file.bytes))
    }
}

impl Source {
    fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(bytes).map_err(|error| Unreadable {
            line: 1 + bytes[..error.valid_up_to()]
                .iter()
                .filter(|&&byte| byte == b'\n')
                .count(),
            what: "not UTF-8".to_owned(),
        })?;
        let unreadable = |line: usize, error: String| Unreadable {
            line,
            what: format!("not Rust: {error}"),
        };
        let tokens = text.parse().map_err(|error: proc_macro2::LexError| {
            unreadable(error.span().start().line, error.to_string())
        })?;
        let file = syn::parse_file(text)
            .map_err(|error| unreadable(error.span().start().line, error.to_string()))?;
        Ok(Self { file, tokens })
    }
}

/// What has been found so far.
struct Findings<'a> {
    root: &'a Path,
    list: Vec<Finding>,
}

impl Findings<'_> {
    /// Adds a finding about the file `name` of `krate`.
    fn add(
        &mut self,
        krate: &Crate,
        name: &str,
        line: usize,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) {
        let path = krate.image.package.root.join(name);
        self.list.push(Finding {
            path: path.strip_prefix(self.root).unwrap_or(&path).to_owned(),
            line: line.max(1),
            what: what.into(),
            advice: advice.into(),
        });
    }

    /// Adds what an error says about the file `name` of `krate`.
    fn add_error(&mut self, krate: &Crate, name: &str, error: &Error) {
        let advice = error.hint().unwrap_or_default();
        match error {
            Error::Source { line, reason, .. } => self.add(krate, name, *line, reason, advice),
            error => self.add(krate, name, 1, error.to_string(), advice),
        }
    }
}
