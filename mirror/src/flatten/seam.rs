// SPDX-License-Identifier: GPL-2.0

//! Reads a seam: the `src/lib.rs` of a crate that becomes a part of `kernel`.
//!
//! A seam says little, and all of it is known here: anything else is an error, since it would be
//! lost, or mean something else, in the tree's single `lib.rs`. What is kept, is kept as it is
//! written: comments, documentation, attributes, line breaks.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::{Attribute, File, Item, ItemMod, ItemUse, Meta, Token, UseTree, Visibility};

use super::imports::{self, Import};
use crate::error::{Error, Result};

const ALLOWED_ATTRIBUTES: &str =
    "`#![no_std]`, `#![feature(…)]`, `#![cfg_attr(…, feature(…))]`, `#![cfg_attr(cargo, …)]`, and \
     documentation (of which the facade's README.md stands for all)";
const ALLOWED_ITEMS: &str =
    "`extern crate self as kernel;`, `mod name;`, `pub use …;`, one `pub mod prelude { … }`, \
     `const __LOG_PREFIX`, and anything under `#[cfg(cargo)]`, which stays out of the tree";
const ALLOWED_IN_PRELUDE: &str = "`pub use …;`, and comments above one";

/// What a seam adds to the tree's `lib.rs` and `prelude.rs`.
#[derive(Debug, Default)]
pub(crate) struct Seam {
    /// `feature(…)` arguments, or whole `cfg_attr(…, feature(…))`, as they stand in an attribute.
    pub(super) features: Vec<String>,
    /// Modules and re-exports, in their order.
    pub(super) items: Vec<Kept>,
    /// The names of the modules, and where they are declared.
    pub(crate) modules: Vec<(String, PathBuf, usize)>,
    /// The imports of the prelude, without those of other crates' preludes.
    pub(super) prelude: Vec<Import>,
    /// Whether there is a prelude at all.
    pub(super) has_prelude: bool,
    /// The prelude's documentation, a line each.
    pub(super) prelude_docs: Vec<String>,
}

/// A stretch of the seam.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// Its text, with the comments above it, without surrounding white space.
    pub(super) text: String,
    /// Whether a blank line sets it off from what comes before.
    pub(super) set_off: bool,
}

struct Parser<'a> {
    path: &'a Path,
    text: &'a str,
    siblings: &'a BTreeSet<String>,
    seam: Seam,
}

impl Seam {
    /// Reads the seam at `path`; `siblings` are the libraries that become parts of `kernel` as well.
    pub(crate) fn parse(path: &Path, text: &str, siblings: &BTreeSet<String>) -> Result<Self> {
        let file = syn::parse_file(text).map_err(|error| {
            let at = error.span().start();
            // The end of the file has no place in it.
            let line = match (at.line, at.column) {
                (1, 0) => text.lines().count(),
                (line, _) => line,
            };
            Error::Source {
                path: path.to_owned(),
                line,
                reason: error.to_string(),
                allowed: "Rust that compiles",
            }
        })?;
        let mut parser = Parser {
            path,
            text,
            siblings,
            seam: Self::default(),
        };
        parser.file(&file)?;
        Ok(parser.seam)
    }
}

impl Parser<'_> {
    fn error(&self, at: usize, reason: impl Into<String>, allowed: &'static str) -> Error {
        Error::Source {
            path: self.path.to_owned(),
            line: self.line(at),
            reason: reason.into(),
            allowed,
        }
    }

    fn line(&self, at: usize) -> usize {
        1 + self.text[..at].matches('\n').count()
    }

    fn file(&mut self, file: &File) -> Result<()> {
        let mut end = 0;
        for attribute in &file.attrs {
            self.inner_attribute(attribute)?;
            end = range(attribute).end;
        }
        if file.attrs.is_empty() {
            // The licence, and whatever else heads the file, is not the first item's.
            let first = file.items.first().map_or(0, |item| range(item).start);
            end = self.text[..first].rfind("\n\n").map_or(0, |at| at + 1);
        }

        let mut carried = String::new();
        for item in &file.items {
            let span = range(item);
            let span = span.start..self.end_of_line(span.end);
            let above = &self.text[end..span.start];
            end = span.end;
            if self.item(item)? {
                let mut text = carried.trim_start_matches([' ', '\n']).to_owned();
                let set_off = blank(above) || !carried.is_empty();
                text.push_str(above.trim_start_matches([' ', '\n']));
                text.push_str(&self.text[span]);
                carried.clear();
                self.seam.items.push(Kept { text, set_off });
            } else if let Some(detached) = detached_comment(above) {
                // Comments that a blank line sets off from a dropped item are about more than it.
                carried.push_str(detached);
            }
        }
        carried.push_str(&self.text[end..]);
        let rest = carried.trim();
        if !rest.is_empty() {
            self.seam.items.push(Kept {
                text: rest.to_owned(),
                set_off: true,
            });
        }
        Ok(())
    }

    fn inner_attribute(&mut self, attribute: &Attribute) -> Result<()> {
        let path = attribute.path();
        if path.is_ident("doc") || path.is_ident("no_std") {
            return Ok(());
        }
        // Nothing but lists has arguments.
        let arguments = Punctuated::<Meta, Token![,]>::parse_terminated;
        let arguments = attribute.parse_args_with(arguments).unwrap_or_default();
        if path.is_ident("feature") {
            let names = arguments.iter().map(|name| &self.text[range(name)]);
            self.seam.features.extend(names.map(str::to_owned));
            return Ok(());
        }
        if path.is_ident("cfg_attr") {
            let mut arguments = arguments.iter();
            let condition = arguments.next();
            if condition.is_some_and(|condition| condition.path().is_ident("cargo")) {
                return Ok(());
            }
            if arguments.all(|argument| argument.path().is_ident("feature")) {
                let text = &self.text[range(&attribute.meta)];
                self.seam.features.push(text.to_owned());
                return Ok(());
            }
        }
        let parts = path.segments.iter().map(|part| part.ident.to_string());
        let name = parts.collect::<Vec<_>>().join("::");
        Err(self.error(
            range(attribute).start,
            format!("the crate attribute `{name}` would be the whole `kernel` crate's"),
            ALLOWED_ATTRIBUTES,
        ))
    }

    /// Takes note of an item; says whether its text belongs in the tree's `lib.rs`.
    fn item(&mut self, item: &Item) -> Result<bool> {
        let at = range(item).start;
        if attributes(item).iter().any(is_cargo_only) {
            return Ok(false);
        }
        match item {
            Item::ExternCrate(item) if item.ident == "self" => match &item.rename {
                Some((_, name)) if name == "kernel" => Ok(false),
                _ => Err(self.error(at, "this crate under another name", ALLOWED_ITEMS)),
            },
            Item::Mod(module) if module.content.is_some() => {
                if module.ident != "prelude" {
                    let reason = format!("the module `{}` has its body here", module.ident);
                    return Err(self.error(at, reason, ALLOWED_ITEMS));
                }
                self.prelude(module)?;
                Ok(false)
            }
            Item::Mod(module) => {
                let name = module.ident.to_string();
                let line = self.line(range(&module.ident).start);
                self.seam.modules.push((name, self.path.to_owned(), line));
                Ok(true)
            }
            Item::Use(item) if !matches!(item.vis, Visibility::Public(_)) => {
                Err(self.error(at, "an import that is not public", ALLOWED_ITEMS))
            }
            Item::Use(item) => Ok(!self.is_other_crate(item, &[])?),
            Item::Const(item) if item.ident == "__LOG_PREFIX" => Ok(false),
            item => {
                let text = &self.text[range(item)];
                let line = text.lines().next().unwrap_or_default();
                Err(self.error(at, format!("in a seam: {line}"), ALLOWED_ITEMS))
            }
        }
    }

    /// Whether `item` is the re-export of all of another crate of the workspace, or (with `prelude`
    /// for `below`) of all of its prelude.
    fn is_other_crate(&self, item: &ItemUse, below: &[&str]) -> Result<bool> {
        let mut path = Vec::new();
        let mut tree = &item.tree;
        let is_glob = loop {
            match tree {
                UseTree::Path(part) => {
                    path.push(part.ident.to_string());
                    tree = &part.tree;
                }
                UseTree::Glob(_) => break true,
                _ => break false,
            }
        };
        // A list at the root names several crates.
        let mut roots = Vec::new();
        imports::roots(&item.tree, &mut roots);
        if !roots.iter().any(|root| self.siblings.contains(root)) {
            return Ok(false);
        }
        if is_glob && path[1..] == *below {
            return Ok(true);
        }
        Err(self.error(
            range(item).start,
            "parts of another crate of the workspace, by a name that the tree does not have",
            match below {
                [] => "`pub use kernel_other::*;`, or `pub use crate::…;` by the tree's names",
                _ => "`pub use kernel_other::prelude::*;`, or `pub use crate::…;`",
            },
        ))
    }

    fn prelude(&mut self, module: &ItemMod) -> Result<()> {
        self.seam.has_prelude = true;
        for attribute in &module.attrs {
            let Some(text) = doc(attribute) else {
                return Err(self.error(
                    range(attribute).start,
                    "an attribute of the prelude",
                    "documentation",
                ));
            };
            self.seam.prelude_docs.push(text);
        }
        let Some((brace, items)) = &module.content else {
            return Ok(());
        };
        let mut end = brace.span.open().byte_range().end;
        for item in items {
            let span = range(item);
            let above = &self.text[end..span.start];
            end = self.end_of_line(span.end);
            let after = self.text[span.end..end].trim();
            let Item::Use(import) = item else {
                return Err(self.error(
                    span.start,
                    "an item other than an import in a prelude",
                    ALLOWED_IN_PRELUDE,
                ));
            };
            if import.attrs.iter().any(is_cargo_only) {
                continue;
            }
            if !matches!(import.vis, Visibility::Public(_)) {
                return Err(self.error(
                    span.start,
                    "an import that is not public in a prelude",
                    ALLOWED_IN_PRELUDE,
                ));
            }
            if self.is_other_crate(import, &["prelude"])? {
                continue;
            }
            self.no_comments_within(import)?;
            if !after.is_empty() {
                return Err(self.error(
                    span.end,
                    "a comment behind an import would be lost",
                    ALLOWED_IN_PRELUDE,
                ));
            }
            let attributes = import.attrs.iter();
            imports::collect(
                import,
                attributes
                    .map(|attribute| self.text[range(attribute)].to_owned())
                    .collect(),
                above
                    .lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect(),
                &mut self.seam.prelude,
            );
        }
        let rest = &self.text[end..brace.span.close().byte_range().start];
        if !rest.trim().is_empty() {
            return Err(self.error(
                end + rest.len() - rest.trim_start().len(),
                "a comment with no import below it would be lost",
                ALLOWED_IN_PRELUDE,
            ));
        }
        Ok(())
    }

    /// An import's list is sorted and merged with others', so that a comment has no place there,
    /// except for the empty one by which rustfmt is told to keep a list vertical.
    fn no_comments_within(&self, import: &ItemUse) -> Result<()> {
        let tree = range(&import.tree);
        let mut at = tree.start;
        for line in self.text[tree].split_inclusive('\n') {
            let comment = line.find("//").map(|start| line[start + 2..].trim());
            if comment.is_some_and(|comment| !comment.is_empty()) || line.contains("/*") {
                return Err(self.error(
                    at,
                    "a comment inside an import would be lost",
                    ALLOWED_IN_PRELUDE,
                ));
            }
            at += line.len();
        }
        Ok(())
    }

    /// The end of the line that `at` is in, if nothing but a comment follows there.
    fn end_of_line(&self, at: usize) -> usize {
        let line = self.text[at..].lines().next().unwrap_or("");
        if line.trim_start().starts_with("//") {
            at + line.trim_end().len()
        } else {
            at
        }
    }
}

fn range(item: &(impl syn::spanned::Spanned + ?Sized)) -> Range<usize> {
    item.span().byte_range()
}

/// Whether a blank line ends what comes before.
fn blank(above: &str) -> bool {
    above.trim_start_matches(' ').starts_with("\n\n")
}

/// The part of the text above an item that ends in a blank line, if there is a comment in it.
fn detached_comment(above: &str) -> Option<&str> {
    let end = above.rfind("\n\n")? + 2;
    let text = &above[..end];
    (!text.trim().is_empty()).then_some(text)
}

/// The attributes of an item.
pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether it is `#[cfg(cargo)]`.
fn is_cargo_only(attribute: &Attribute) -> bool {
    match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "cargo",
        _ => false,
    }
}

/// The text of a documentation attribute.
fn doc(attribute: &Attribute) -> Option<String> {
    if !attribute.path().is_ident("doc") {
        return None;
    }
    match &attribute.meta.require_name_value().ok()?.value {
        syn::Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn try_parse(text: &str) -> Result<Seam> {
        let siblings = BTreeSet::from(["kernel_core".to_owned()]);
        Seam::parse(Path::new("lib.rs"), text, &siblings)
    }

    fn parse(text: &str) -> Seam {
        try_parse(text).unwrap()
    }

    fn refusal(text: &str) -> String {
        try_parse(text).unwrap_err().to_string()
    }

    #[test]
    fn keeps_items_as_they_are_written() {
        let seam = parse(
            "// SPDX-License-Identifier: GPL-2.0\n\n//! Docs with an … in them.\n\n#![no_std]\n\n\
             extern crate self as kernel;\n\n/// Ünï.\npub mod a;\n#[cfg(CONFIG_B)]\npub   mod b; // why\n\n\
             // About c.\npub mod c;\n\n#[doc(inline)]\npub use c::{\n    X,\n    Y, //\n};\n",
        );
        let kept: Vec<_> = seam
            .items
            .iter()
            .map(|kept| (kept.text.as_str(), kept.set_off))
            .collect();
        assert_eq!(
            kept,
            [
                ("/// Ünï.\npub mod a;", true),
                ("#[cfg(CONFIG_B)]\npub   mod b; // why", false),
                ("// About c.\npub mod c;", true),
                ("#[doc(inline)]\npub use c::{\n    X,\n    Y, //\n};", true),
            ]
        );
    }

    #[test]
    fn drops_what_only_the_workspace_needs() {
        let seam = parse(
            "#![no_std]\n#![cfg_attr(cargo, allow(dead_code))]\n\n#[doc(no_inline)]\n\
             pub use kernel_core::*;\n\n// Only there.\n#[cfg(cargo)]\nstatic X: u8 = 0;\n\n\
             /// Prefix.\nconst __LOG_PREFIX: &[u8] = b\"x\\0\";\n",
        );
        assert_eq!(seam.items, []);
    }

    #[test]
    fn carries_a_detached_comment_past_a_dropped_item() {
        let seam = parse(
            "#![no_std]\n\n// About all below.\n\n// Only there.\n#[cfg(cargo)]\nstatic X: u8 = 0;\n\
             pub mod a;\n",
        );
        assert_eq!(seam.items.len(), 1);
        assert_eq!(seam.items[0].text, "// About all below.\n\npub mod a;");
    }

    #[test]
    fn reads_features() {
        let seam =
            parse("#![no_std]\n#![feature(a, b,)]\n#![cfg_attr(any(CONFIG_X, y), feature(c))]\n");
        assert_eq!(
            seam.features,
            ["a", "b", "cfg_attr(any(CONFIG_X, y), feature(c))"]
        );
    }

    #[test]
    fn names_the_line_of_what_it_does_not_know() {
        assert!(refusal("#![no_std]\n\nuse core::fmt;\n").starts_with("lib.rs:3: "));
        assert!(refusal("#![no_std]\npub mod a { }\n").starts_with("lib.rs:2: "));
        assert!(refusal("#![no_std]\n\n#![allow(dead_code)]\n").starts_with("lib.rs:3: "));
        assert!(refusal("\nmacro_rules! x { () => {} }\n").starts_with("lib.rs:2: "));
        assert!(refusal("\n\npub use kernel_core::error::Error;\n").starts_with("lib.rs:3: "));
        assert!(refusal("fn x() {\n").starts_with("lib.rs:1: "));
        assert!(refusal("pub mod prelude {\n    pub fn x() {}\n}\n").starts_with("lib.rs:2: "));
        assert!(refusal(
            "pub mod prelude {\n    pub use a::{\n        b, // why\n        c,\n    };\n}\n"
        )
        .starts_with("lib.rs:3: "));
    }
}
