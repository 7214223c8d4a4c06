// SPDX-License-Identifier: GPL-2.0

//! Whether each `cfg` can be true in a kernel tree.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Meta};

use super::examples;
use super::kconfig::Kconfig;
use super::modules::Conditions;
use super::predicate::{split, Atom, Predicate};
use super::{Crate, Findings};
use crate::flatten::attributes;

/// What rustc, its tools, and the kernel's build set beside `CONFIG_…`.
const NAMES: [&str; 30] = [
    "MODULE",
    "cargo",
    "clippy",
    "debug_assertions",
    "doc",
    "doctest",
    "overflow_checks",
    "panic",
    "proc_macro",
    "relocation_model",
    "sanitize",
    "target_abi",
    "target_arch",
    "target_endian",
    "target_env",
    "target_family",
    "target_feature",
    "target_has_atomic",
    "target_has_atomic_equal_alignment",
    "target_has_atomic_load_store",
    "target_has_atomic_primitive_alignment",
    "target_object_format",
    "target_os",
    "target_pointer_width",
    "target_thread_local",
    "target_vendor",
    "test",
    "testlib",
    "ub_checks",
    "unix",
];

/// A `cfg` somewhere in a source.
#[derive(Debug)]
struct Use {
    line: usize,
    predicate: Predicate,
}

/// Checks every `cfg` of a crate.
pub(super) fn check(
    krate: &Crate,
    conditions: &Conditions,
    kconfig: Option<&Kconfig>,
    findings: &mut Findings<'_>,
) {
    for (name, source) in &krate.sources {
        let mut uses = Vec::new();
        collect(source.tokens.clone(), &mut uses);
        for example in examples::of(&source.tokens) {
            for mut found in example.cfgs() {
                found.0 += example.line - 1;
                uses.push(Use {
                    line: found.0,
                    predicate: found.1,
                });
            }
        }
        let is_seam = name == "src/lib.rs" && krate.image.package.dest == crate::Dest::Kernel;
        let is_facade = is_seam && krate.image.package.is_facade();
        for found in &uses {
            for atom in found.predicate.atoms() {
                // The facade's features choose what it re-exports, and are gone from the tree with that.
                if atom.name == "feature" && is_facade {
                    continue;
                }
                if let Some((what, advice)) = wrong(atom, kconfig) {
                    findings.add(krate, name, found.line, what, advice);
                }
            }
        }
        for found in uses
            .iter()
            .filter(|found| !found.predicate.is_possible(&[]))
        {
            findings.add(
                krate,
                name,
                found.line,
                format!("`{}` cannot be true", found.predicate),
                "drop what it guards, or the condition",
            );
        }
        if !is_seam {
            cargo_only(krate, name, &uses, findings);
        }
        let mut nested = Nested {
            outer: conditions.get(name).cloned().unwrap_or_default(),
            found: Vec::new(),
        };
        nested.visit_file(&source.file);
        for (line, what) in nested.found {
            let advice = "drop what it guards, or the condition";
            findings.add(krate, name, line, what, advice);
        }
    }
}

/// What is wrong with a name, and what to do.
fn wrong(atom: &Atom, kconfig: Option<&Kconfig>) -> Option<(String, &'static str)> {
    if atom.name == "feature" {
        return Some((
            format!("`{atom}` is never true in a tree: its build knows no features"),
            "ask for a `CONFIG_…` option, or have a crate of its own for it",
        ));
    }
    if !atom.name.starts_with("CONFIG_") {
        return (!NAMES.contains(&atom.name.as_str())).then(|| {
            (
                format!("no build of a kernel sets `{}`", atom.name),
                "options begin with `CONFIG_`; `MODULE`, `cargo`, `test` and what rustc sets are known",
            )
        });
    }
    let symbol = match kconfig {
        None => return None,
        Some(kconfig) => kconfig.get(&atom.name),
    };
    let Some(symbol) = symbol else {
        return Some((
            format!("no Kconfig file of the tree defines `{}`", atom.name),
            "correct the name, or drop what asks for it",
        ));
    };
    match atom.value.as_deref() {
        None if symbol.is_value && !symbol.is_switch => Some((
            format!(
                "`{}` is a number or a text, and never set without a value",
                atom.name
            ),
            "ask for its value",
        )),
        Some(value) if symbol.is_switch && !symbol.is_value && !["y", "m"].contains(&value) => {
            Some((
                format!("`{atom}`: the option has no such value"),
                "it is \"y\", \"m\", or not set at all",
            ))
        }
        _ => None,
    }
}

/// Reports what only Cargo compiles in a file that has no other version of it for a tree.
fn cargo_only(krate: &Crate, name: &str, uses: &[Use], findings: &mut Findings<'_>) {
    let never_with = |found: &&Use, cargo: bool| {
        found.predicate.is_possible(&[]) && !found.predicate.is_possible(&[("cargo", cargo)])
    };
    if uses.iter().any(|found| never_with(&found, true)) {
        return;
    }
    for found in uses.iter().filter(|found| never_with(found, false)) {
        findings.add(
            krate,
            name,
            found.line,
            format!(
                "`{}`: dead in a tree, and nothing stands for it there",
                found.predicate
            ),
            "have a `cfg(not(cargo))` version as well, or put it into `src/lib.rs`",
        );
    }
}

/// The predicates of `#[cfg]` among attributes.
pub(super) fn conditions(attributes: &[Attribute]) -> Vec<Predicate> {
    let cfgs = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"));
    cfgs.filter_map(|attribute| match &attribute.meta {
        Meta::List(list) => Predicate::parse(list.tokens.clone()),
        _ => None,
    })
    .collect()
}

/// Every `cfg(…)`, `cfg_attr(…)` and `cfg!(…)`, also in macros; not what only host tests compile.
pub(super) fn all(tokens: TokenStream) -> Vec<(usize, Predicate)> {
    let mut uses = Vec::new();
    collect(tokens, &mut uses);
    uses.into_iter()
        .map(|found| (found.line, found.predicate))
        .collect()
}

fn collect(tokens: TokenStream, uses: &mut Vec<Use>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    // Whether the item at hand is of the host's tests, which make up options.
    let mut skip = false;
    while at < tokens.len() {
        let rest = &tokens[at..];
        at += 1;
        let (attribute, length) = match rest {
            [TokenTree::Punct(hash), TokenTree::Group(group), ..] if hash.as_char() == '#' => {
                (Some(group), 1)
            }
            [TokenTree::Punct(hash), TokenTree::Punct(bang), TokenTree::Group(group), ..]
                if hash.as_char() == '#' && bang.as_char() == '!' =>
            {
                (Some(group), 2)
            }
            _ => (None, 0),
        };
        if let Some(group) = attribute.filter(|group| group.delimiter() == Delimiter::Bracket) {
            at += length;
            if skip {
                continue;
            }
            if let Some(found) = of_attribute(group.stream()) {
                let is_test = found.predicate.is_possible(&[])
                    && !found.predicate.is_possible(&[("test", false)]);
                skip = is_test && length == 1;
                if !is_test {
                    uses.push(found);
                }
            }
            continue;
        }
        match rest {
            [TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Group(group), ..]
                if name == "cfg" && bang.as_char() == '!' && bang.spacing() == Spacing::Alone =>
            {
                at += 2;
                if let Some(predicate) = Predicate::parse(group.stream()).filter(|_| !skip) {
                    uses.push(Use {
                        line: name.span().start().line,
                        predicate,
                    });
                }
            }
            [TokenTree::Group(group), ..] => {
                if !skip {
                    collect(group.stream(), uses);
                }
                skip &= group.delimiter() != Delimiter::Brace;
            }
            [TokenTree::Punct(end), ..] if end.as_char() == ';' => skip = false,
            _ => {}
        }
    }
}

/// The predicate of an attribute: what is between its brackets.
fn of_attribute(tokens: TokenStream) -> Option<Use> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let [TokenTree::Ident(name), TokenTree::Group(group)] = tokens.as_slice() else {
        return None;
    };
    let predicate = match name.to_string().as_str() {
        "cfg" => Predicate::parse(group.stream()),
        "cfg_attr" => {
            let first = split(group.stream()).into_iter().next()?;
            Predicate::parse(first.into_iter().collect())
        }
        _ => None,
    };
    Some(Use {
        line: name.span().start().line,
        predicate: predicate?,
    })
}

/// Looks for conditions that those around them rule out.
struct Nested {
    outer: Vec<Predicate>,
    found: Vec<(usize, String)>,
}

impl Nested {
    fn within(&mut self, attributes: &[Attribute], then: impl FnOnce(&mut Self)) {
        let own = conditions(attributes);
        let line = attributes
            .iter()
            .find(|attribute| attribute.path().is_ident("cfg"))
            .map_or(1, |attribute| attribute.pound_token.span.start().line);
        let depth = self.outer.len();
        for predicate in own {
            self.look(line, &predicate);
            self.outer.push(predicate);
        }
        then(self);
        self.outer.truncate(depth);
    }

    fn look(&mut self, line: usize, predicate: &Predicate) {
        let outside = Predicate::All(self.outer.clone());
        let mut both = self.outer.clone();
        both.push(predicate.clone());
        let alone = predicate.is_possible(&[]) && outside.is_possible(&[]);
        if alone && !Predicate::All(both).is_possible(&[]) {
            let outer: Vec<_> = self.outer.iter().map(|it| format!("`{it}`")).collect();
            let outer = outer.join(" and ");
            let what = format!("`{predicate}` cannot be true inside of {outer}");
            self.found.push((line, what));
        }
    }
}

impl<'ast> Visit<'ast> for Nested {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.within(attributes(item), |nested| visit::visit_item(nested, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.within(&item.attrs, |nested| {
            visit::visit_impl_item_fn(nested, item)
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.within(&item.attrs, |nested| {
            visit::visit_trait_item_fn(nested, item)
        });
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        self.within(&field.attrs, |nested| visit::visit_field(nested, field));
    }

    fn visit_expr_block(&mut self, block: &'ast syn::ExprBlock) {
        self.within(&block.attrs, |nested| {
            visit::visit_expr_block(nested, block)
        });
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        self.within(&local.attrs, |nested| visit::visit_local(nested, local));
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if mac
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "cfg")
        {
            if let Some(predicate) = Predicate::parse(mac.tokens.clone()) {
                let line = mac.bang_token.span.start().line;
                self.look(line, &predicate);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String)> {
        let all = all(text.parse().unwrap());
        all.into_iter()
            .map(|(line, predicate)| (line, predicate.to_string()))
            .collect()
    }

    #[test]
    fn finds_conditions_everywhere() {
        let text = "#![cfg_attr(a, feature(x))]\n#[cfg(b)]\nfn f() {\n    if cfg!(c) {}\n    quote! { #[cfg(d)] x }\n}\n\
                    macro_rules! m { () => {\n    #[cfg(e)] y; #[cfg(#no)] z\n} }\nfn cfg() { cfg(g) }\n";
        let expected = [(1, "a"), (2, "b"), (4, "c"), (5, "d"), (8, "e")];
        let expected: Vec<_> = expected
            .iter()
            .map(|(line, text)| (*line, text.to_string()))
            .collect();
        assert_eq!(found(text), expected);
    }

    #[test]
    fn leaves_host_tests_alone() {
        let text = "#[cfg(test)]\nmod tests {\n    #[cfg(made_up)]\n    fn f() {}\n}\n#[cfg(a)]\nfn g() {}\n\
                    #[cfg(test)]\nuse x;\n#[cfg(b)]\nuse y;\n#[cfg(not(test))]\nfn h() { cfg!(c) }\n";
        let names: Vec<_> = found(text).into_iter().map(|(_, text)| text).collect();
        assert_eq!(names, ["a", "b", "not(test)", "c"]);
    }

    #[test]
    fn sees_what_is_around() {
        let file = syn::parse_file(
            "#[cfg(a)]\nmod m {\n    #[cfg(not(a))]\n    fn f() {}\n    #[cfg(b)]\n    fn g() {\n        cfg!(not(b));\n    }\n}\n",
        )
        .unwrap();
        let mut nested = Nested {
            outer: Vec::new(),
            found: Vec::new(),
        };
        nested.visit_file(&file);
        assert_eq!(
            nested.found,
            [
                (3, "`not(a)` cannot be true inside of `a`".to_owned()),
                (
                    7,
                    "`not(b)` cannot be true inside of `a` and `b`".to_owned()
                ),
            ]
        );
    }
}
