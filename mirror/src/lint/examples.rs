// SPDX-License-Identifier: GPL-2.0

//! Whether each example can do without the crates that a tree can do without.
//!
//! In a tree all examples are compiled together. Where a subsystem is left out, those of the others
//! still have to compile: they name nothing but what their crate depends on.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Item, Lit};

use super::cfgs;
use super::predicate::Predicate;
use super::{Crate, Findings};
use crate::flatten::collect_imports;
use crate::workspace::{Dest, Workspace};

/// The words after a fence that leave its block an example, to be compiled and run.
const RUST: [&str; 6] = [
    "",
    "rust",
    "no_run",
    "should_panic",
    "edition2021",
    "edition2024",
];

/// A block of code in documentation.
pub(super) struct Example {
    /// The line of its first line of code.
    pub(super) line: usize,
    code: String,
}

impl Example {
    /// The predicates in it, with their lines from 1.
    pub(super) fn cfgs(&self) -> Vec<(usize, Predicate)> {
        cfgs::all(self.tokens())
    }

    /// Nothing for what is no Rust.
    fn tokens(&self) -> TokenStream {
        self.code.parse().unwrap_or_default()
    }
}

/// Which crate each name is from.
#[derive(Default)]
struct Owners<'a> {
    /// Those directly below `kernel`.
    roots: BTreeMap<String, BTreeSet<&'a str>>,
    /// Those in the prelude.
    prelude: BTreeMap<String, BTreeSet<&'a str>>,
}

/// Checks the examples of all parts of `kernel`.
pub(super) fn check(workspace: &Workspace, crates: &[Crate], findings: &mut Findings<'_>) {
    let parts = || {
        crates
            .iter()
            .filter(|krate| krate.image.package.dest == Dest::Kernel)
    };
    let mut owners = Owners::default();
    for krate in parts() {
        owners.add(krate);
    }
    for krate in parts() {
        let is_facade = krate.image.package.is_facade();
        let allowed = match is_facade {
            true => always_there(workspace),
            false => below(workspace, krate.name()),
        };
        for (name, source) in &krate.sources {
            for example in of(&source.tokens) {
                owners.check(krate, name, &example, &allowed, findings);
            }
        }
        if let Some(text) = krate.text("README.md") {
            let lines = text
                .lines()
                .enumerate()
                .map(|(at, line)| (at + 1, line.to_owned()));
            for example in examples(lines) {
                owners.check(krate, "README.md", &example, &allowed, findings);
            }
        }
    }
}

/// The crates that no tree can do without: the documentation of the whole may name these alone.
fn always_there(workspace: &Workspace) -> BTreeSet<&str> {
    let names = workspace
        .packages
        .iter()
        .map(|package| package.name.as_str());
    names
        .filter(|name| {
            workspace
                .without(&BTreeSet::from([(*name).to_owned()]))
                .is_err()
        })
        .collect()
}

/// The crate `name`, and all that it depends on.
fn below<'a>(workspace: &'a Workspace, name: &str) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    let mut next = vec![name.to_owned()];
    while let Some(name) = next.pop() {
        let Some(package) = workspace
            .packages
            .iter()
            .find(|package| package.name == name)
        else {
            continue;
        };
        if all.insert(package.name.as_str()) {
            next.extend(package.dependencies.keys().cloned());
        }
    }
    all
}

impl<'a> Owners<'a> {
    fn add(&mut self, krate: &'a Crate) {
        if krate.image.package.is_facade() {
            return;
        }
        let mut roots = Vec::new();
        let mut prelude = Vec::new();
        for item in krate
            .sources
            .get("src/lib.rs")
            .iter()
            .flat_map(|seam| &seam.file.items)
        {
            match item {
                Item::Mod(module) if module.ident == "prelude" => {
                    let items = module.content.iter().flat_map(|(_, items)| items);
                    items.for_each(|item| imported(item, &mut prelude));
                }
                Item::Mod(module) => roots.push(module.ident.to_string()),
                item => imported(item, &mut roots),
            }
        }
        for source in krate.sources.values() {
            let mut macros = Macros(Vec::new());
            macros.visit_file(&source.file);
            roots.extend(macros.0);
        }
        for (names, list) in [(roots, &mut self.roots), (prelude, &mut self.prelude)] {
            for name in names {
                list.entry(name).or_default().insert(krate.name());
            }
        }
    }

    fn check(
        &self,
        krate: &Crate,
        name: &str,
        example: &Example,
        allowed: &BTreeSet<&str>,
        findings: &mut Findings<'_>,
    ) {
        let foreign = |owners: Option<&BTreeSet<&'a str>>| {
            let owners = owners?;
            let known = owners.iter().any(|owner| allowed.contains(owner));
            owners.first().copied().filter(|_| !known)
        };
        let mut named = Vec::new();
        let mut bare = Vec::new();
        names(example.tokens(), &mut named, &mut bare);
        let mut add = |line: usize, what: String, owner: &str| {
            let advice = match krate.image.package.is_facade() {
                true => {
                    format!("a tree can do without {owner}: show this in its own documentation")
                }
                false => format!(
                    "{} does not depend on {owner}, which a tree can do without: \
                     make the example of what there is, or move it there",
                    krate.name()
                ),
            };
            findings.add(krate, name, example.line + line - 1, what, advice);
        };
        for (root, line) in named {
            if let Some(owner) = foreign(self.roots.get(&root)) {
                add(
                    line,
                    format!("an example names `kernel::{root}`, of {owner}"),
                    owner,
                );
            }
        }
        for (word, line, is_macro) in bare {
            // Anything may have a lower-case name.
            if !is_macro && !word.starts_with(char::is_uppercase) {
                continue;
            }
            if let Some(owner) = foreign(self.prelude.get(&word)) {
                let bang = if is_macro { "!" } else { "" };
                add(
                    line,
                    format!("an example uses `{word}{bang}`, of {owner}'s prelude"),
                    owner,
                );
            }
        }
    }
}

/// The names that an item imports.
fn imported(item: &Item, names: &mut Vec<String>) {
    if let Item::Use(item) = item {
        let mut imports = Vec::new();
        collect_imports(item, Vec::new(), Vec::new(), &mut imports);
        names.extend(
            imports
                .iter()
                .filter_map(|import| import.name().map(str::to_owned)),
        );
    }
}

/// The exported macros of a source: they are roots, wherever they are defined.
struct Macros(Vec<String>);

impl<'ast> Visit<'ast> for Macros {
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        let is_exported = item
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("macro_export"));
        if let Some(name) = item.ident.as_ref().filter(|_| is_exported) {
            self.0.push(name.to_string());
        }
        visit::visit_item_macro(self, item);
    }
}

/// Collects what `tokens` names below `kernel`, and all other words, each with its line; of those,
/// whether a `!` follows.
fn names(
    tokens: TokenStream,
    named: &mut Vec<(String, usize)>,
    bare: &mut Vec<(String, usize, bool)>,
) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |at: usize, c: char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == c);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == "kernel" && is(at + 1, ':') && is(at + 2, ':') => {
                match tokens.get(at + 3) {
                    Some(TokenTree::Ident(name)) => {
                        named.push((name.to_string(), name.span().start().line));
                    }
                    Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                        for part in super::predicate::split(group.stream()) {
                            if let Some(TokenTree::Ident(name)) = part.first() {
                                named.push((name.to_string(), name.span().start().line));
                            }
                        }
                    }
                    _ => {}
                }
            }
            TokenTree::Ident(word) => {
                let is_below = at > 0 && is(at - 1, ':');
                if !is_below {
                    bare.push((word.to_string(), word.span().start().line, is(at + 1, '!')));
                }
            }
            TokenTree::Group(group) => names(group.stream(), named, bare),
            _ => {}
        }
    }
}

/// The examples in the documentation of a source.
pub(super) fn of(tokens: &TokenStream) -> Vec<Example> {
    let mut blocks = Vec::new();
    documentation(tokens.clone(), &mut blocks);
    blocks
        .into_iter()
        .flat_map(|block| examples(block.into_iter()))
        .collect()
}

/// Collects the documentation of each thing, in lines.
fn documentation(tokens: TokenStream, blocks: &mut Vec<Vec<(usize, String)>>) {
    let mut block: Vec<(usize, String)> = Vec::new();
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if ['#', '!'].contains(&punct.as_char()) => continue,
            TokenTree::Group(group) => {
                if let Some((line, text)) = doc(group.stream()) {
                    block.extend(
                        text.lines()
                            .enumerate()
                            .map(|(at, text)| (line + at, text.to_owned())),
                    );
                    continue;
                }
                blocks.push(std::mem::take(&mut block));
                documentation(group.stream(), blocks);
            }
            _ => {}
        }
        blocks.push(std::mem::take(&mut block));
    }
    blocks.push(block);
    blocks.retain(|block| !block.is_empty());
}

/// The text of `doc = "…"`.
fn doc(tokens: TokenStream) -> Option<(usize, String)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Literal(text)]
            if name == "doc" =>
        {
            let line = text.span().start().line;
            match syn::parse2(TokenTree::from(text.clone()).into()).ok()? {
                Lit::Str(text) => Some((line, text.value())),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The blocks of Rust that are compiled, in lines of documentation.
fn examples(lines: impl Iterator<Item = (usize, String)>) -> Vec<Example> {
    let mut found = Vec::new();
    // Of the block at hand: its fence, and the example if it is one.
    let mut block: Option<(String, Option<Example>)> = None;
    for (number, line) in lines {
        let bare = line.trim();
        let is_fence = bare.starts_with("```") || bare.starts_with("~~~");
        match &mut block {
            None if is_fence => {
                let word = bare.trim_start_matches(['`', '~']);
                let fence = bare[..bare.len() - word.len()].to_owned();
                let mut words = word.split([',', ' ']).map(str::trim);
                let example = words.all(|word| RUST.contains(&word)).then(|| Example {
                    line: number + 1,
                    code: String::new(),
                });
                block = Some((fence, example));
            }
            None => {}
            Some((fence, _)) if bare == *fence => {
                found.extend(block.take().and_then(|(_, example)| example));
            }
            Some((_, Some(example))) => {
                // Lines that are compiled, and not shown.
                let code = match bare.strip_prefix('#') {
                    Some(rest) if rest.is_empty() || rest.starts_with(' ') => rest,
                    _ => &line,
                };
                example.code.push_str(code);
                example.code.push('\n');
            }
            Some(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_examples_with_their_lines() {
        let text = "//! Top.\n//!\n//! ```\n//! use kernel::a;\n//! ```\n\n/// ```text\n/// kernel::b\n/// ```\n///\n\
                    /// ```rust,no_run\n/// # use kernel::c::x;\n/// let y = 1;\n/// ```\nfn f() {\n    /** ```\n    c!()\n    ``` */\n    fn g() {}\n}\n\
                    /// ```ignore\n/// kernel::d\n/// ```\nfn h() {}\n";
        let found = of(&text.parse().unwrap());
        let found: Vec<_> = found.iter().map(|it| (it.line, it.code.trim())).collect();
        assert_eq!(
            found,
            [
                (4, "use kernel::a;"),
                (12, "use kernel::c::x;\n let y = 1;"),
                (17, "c!()"),
            ]
        );
    }

    #[test]
    fn finds_names() {
        let text = "use kernel::{a::B, c, d::{e, f}};\nfn f() { ::kernel::g!(h!(I)); kernel::prelude }\nx::J; y!()";
        let (mut named, mut bare) = (Vec::new(), Vec::new());
        names(text.parse().unwrap(), &mut named, &mut bare);
        let named: Vec<_> = named
            .iter()
            .map(|(name, line)| (name.as_str(), *line))
            .collect();
        assert_eq!(
            named,
            [("a", 1), ("c", 1), ("d", 1), ("g", 2), ("prelude", 2)]
        );
        let macros: Vec<_> = bare
            .iter()
            .filter(|it| it.2)
            .map(|it| it.0.as_str())
            .collect();
        assert_eq!(macros, ["h", "y"]);
    }
}
