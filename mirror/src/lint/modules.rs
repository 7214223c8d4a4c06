// SPDX-License-Identifier: GPL-2.0

//! Whether each source is reached by exactly one `mod`.

use std::collections::{BTreeMap, VecDeque};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, Item, Lit, Meta, Token};

use super::cfgs;
use super::predicate::Predicate;
use super::{Crate, Findings};
use crate::workspace::Dest;

const ROOT: &str = "src/lib.rs";

/// The conditions under which each file is compiled: all those of the modules that it is in.
pub(super) type Conditions = BTreeMap<String, Vec<Predicate>>;

/// A `mod name;`.
struct Declaration {
    name: String,
    line: usize,
    /// The folder that the file is in by default.
    folder: String,
    /// What `#[path]` says instead, from the crate's folder.
    path: Option<String>,
    /// What `#[cfg_attr(…, path)]` says, as well.
    paths: Vec<String>,
    conditions: Vec<Predicate>,
}

/// A file that is a module.
struct Module {
    name: String,
    /// Where the files of its own modules are.
    folder: String,
    conditions: Vec<Predicate>,
}

/// Checks the modules, and says under which conditions each is compiled.
pub(super) fn check(krate: &Crate, findings: &mut Findings<'_>) -> Conditions {
    let mut reached: BTreeMap<String, String> = BTreeMap::new();
    let mut conditions = Conditions::new();
    let mut queue = VecDeque::from([Module {
        name: ROOT.to_owned(),
        folder: "src".to_owned(),
        conditions: Vec::new(),
    }]);
    reached.insert(ROOT.to_owned(), "the crate".to_owned());
    while let Some(module) = queue.pop_front() {
        conditions.insert(module.name.clone(), module.conditions.clone());
        let Some(source) = krate.sources.get(&module.name) else {
            continue;
        };
        let mut declarations = Vec::new();
        let own_folder = module
            .name
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        collect(
            &source.file.items,
            &module.folder,
            own_folder,
            &module.conditions,
            &mut declarations,
        );
        for declaration in declarations {
            let place = format!("{}:{}", module.name, declaration.line);
            for file in files(krate, &module.name, &declaration, findings) {
                if let Some(first) = reached.get(&file.name) {
                    findings.add(
                        krate,
                        &module.name,
                        declaration.line,
                        format!(
                            "`mod {}` reaches {} again, after {first}",
                            declaration.name, file.name
                        ),
                        "declare it once, and name it by its path elsewhere",
                    );
                    continue;
                }
                reached.insert(file.name.clone(), place.clone());
                in_tree(krate, &module.name, &declaration, &file.name, findings);
                queue.push_back(file);
            }
        }
        for file in included(krate, &module.name) {
            reached.entry(file).or_insert_with(|| module.name.clone());
        }
    }
    for name in krate.image.files.keys() {
        let is_source = name.starts_with("src/") && name.ends_with(".rs");
        if is_source && !reached.contains_key(name) {
            findings.add(
                krate,
                name,
                1,
                "no `mod` reaches this file",
                "declare it in the module that it belongs to, or remove it",
            );
        }
    }
    conditions
}

/// Reports a module that is compiled under Cargo only, and whose file goes into trees.
fn in_tree(
    krate: &Crate,
    declarer: &str,
    declaration: &Declaration,
    file: &str,
    findings: &mut Findings<'_>,
) {
    let all = Predicate::All(declaration.conditions.clone());
    if all.is_possible(&[]) && !all.is_possible(&[("cargo", false)]) {
        findings.add(
            krate,
            declarer,
            declaration.line,
            format!("{file} goes into the tree, where this `mod` is not compiled"),
            "put what only Cargo needs into `src/lib.rs`, which stays out of the tree",
        );
    }
}

/// The files that a declaration reaches; reports one that reaches none.
fn files(
    krate: &Crate,
    declarer: &str,
    declaration: &Declaration,
    findings: &mut Findings<'_>,
) -> Vec<Module> {
    let Declaration { name, folder, .. } = declaration;
    let exists = |path: &String| krate.image.files.contains_key(path);
    let module = |file: &str, folder: String| Module {
        name: file.to_owned(),
        folder,
        conditions: declaration.conditions.clone(),
    };
    let mut modules = Vec::new();
    let explicit = declaration.path.iter().chain(&declaration.paths);
    for path in explicit {
        // Such a file's own modules are beside it.
        let beside = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if exists(path) {
            modules.push(module(path, beside.to_owned()));
        } else {
            findings.add(
                krate,
                declarer,
                declaration.line,
                format!("`mod {name}` has no file: there is no {path}"),
                "`#[path]` is from the folder of the file that it is in",
            );
        }
    }
    if declaration.path.is_some() {
        return modules;
    }
    let own = format!("{folder}/{name}");
    let candidates = [format!("{own}.rs"), format!("{own}/mod.rs")];
    let found = modules.len();
    for path in candidates.iter().filter(|path| exists(path)) {
        modules.push(module(path, own.clone()));
    }
    if modules.len() == found && declaration.paths.is_empty() {
        let advice = match krate.image.package.dest {
            Dest::File(_) => "a crate that is one file of the tree has no modules".to_owned(),
            _ => format!("make {own}.rs, or drop the declaration"),
        };
        let what = format!("`mod {name}` has no file");
        findings.add(krate, declarer, declaration.line, what, advice);
    }
    modules
}

/// Collects the declarations among `items`. Modules of theirs are in `folder`; `#[path]` is from
/// `beside`.
fn collect(
    items: &[Item],
    folder: &str,
    beside: &str,
    conditions: &[Predicate],
    declarations: &mut Vec<Declaration>,
) {
    for item in items {
        match item {
            Item::Mod(module) => {
                let mut conditions = conditions.to_vec();
                conditions.extend(cfgs::conditions(&module.attrs));
                let (path, paths) = paths(&module.attrs);
                let name = module.ident.to_string();
                let name = name.strip_prefix("r#").unwrap_or(&name).to_owned();
                if let Some((_, items)) = &module.content {
                    let inner = match &path {
                        Some(path) => join(beside, path),
                        None => format!("{folder}/{name}"),
                    };
                    collect(items, &inner, &inner, &conditions, declarations);
                    continue;
                }
                declarations.push(Declaration {
                    line: module.ident.span().start().line,
                    name,
                    folder: folder.to_owned(),
                    path: path.map(|path| join(beside, &path)),
                    paths: paths.iter().map(|path| join(beside, path)).collect(),
                    conditions,
                });
            }
            // The arguments of a macro that wraps items; what defines a macro declares nothing.
            Item::Macro(item) if item.ident.is_none() => {
                for (name, line) in in_tokens(item.mac.tokens.clone()) {
                    declarations.push(Declaration {
                        name,
                        line,
                        folder: folder.to_owned(),
                        path: None,
                        paths: Vec::new(),
                        conditions: conditions.to_vec(),
                    });
                }
            }
            _ => {}
        }
    }
}

/// What `#[path = "…"]` and `#[cfg_attr(…, path = "…")]` say.
fn paths(attributes: &[Attribute]) -> (Option<String>, Vec<String>) {
    let mut path = None;
    let mut paths = Vec::new();
    for attribute in attributes {
        if let Some(value) = path_of(&attribute.meta) {
            path = Some(value);
        } else if attribute.path().is_ident("cfg_attr") {
            let list = syn::punctuated::Punctuated::<Meta, Token![,]>::parse_terminated;
            let list = attribute.parse_args_with(list).unwrap_or_default();
            paths.extend(list.iter().skip(1).filter_map(path_of));
        }
    }
    (path, paths)
}

fn path_of(meta: &Meta) -> Option<String> {
    let pair = meta.require_name_value().ok()?;
    match &pair.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if pair.path.is_ident("path") => Some(text.value()),
        _ => None,
    }
}

/// `path` from `folder`, without `.` and `..`.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The `mod name;` in a macro's arguments, with their lines.
fn in_tokens(tokens: TokenStream) -> Vec<(String, usize)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for window in tokens.windows(3) {
        if let [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Punct(end)] = window {
            if word == "mod" && end.as_char() == ';' {
                found.push((name.to_string(), name.span().start().line));
            }
        }
    }
    for token in &tokens {
        if let TokenTree::Group(group) = token {
            if group.delimiter() == Delimiter::Brace {
                found.extend(in_tokens(group.stream()));
            }
        }
    }
    found
}

/// The sources that `name` has by `include!("…")`.
fn included(krate: &Crate, name: &str) -> Vec<String> {
    struct Includes(Vec<String>);

    impl Visit<'_> for Includes {
        fn visit_macro(&mut self, mac: &syn::Macro) {
            let is_include = mac
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "include");
            if let Some(text) = is_include
                .then(|| mac.parse_body::<syn::LitStr>().ok())
                .flatten()
            {
                self.0.push(text.value());
            }
            visit::visit_macro(self, mac);
        }
    }

    let mut includes = Includes(Vec::new());
    if let Some(source) = krate.sources.get(name) {
        includes.visit_file(&source.file);
    }
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    includes.0.iter().map(|path| join(folder, path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_paths() {
        assert_eq!(join("src/a", "b.rs"), "src/a/b.rs");
        assert_eq!(join("src/a", "../b/./c.rs"), "src/b/c.rs");
        assert_eq!(join("src", "../../x.rs"), "../x.rs");
    }

    #[test]
    fn finds_declarations_everywhere() {
        let file = syn::parse_file(
            "mod a;\n#[path = \"x.rs\"]\nmod b;\nmod c {\n    mod d;\n    #[path = \"y.rs\"]\n    mod e;\n}\n\
             wrap! {\n    mod f;\n    pub mod g { mod h; }\n}\nmacro_rules! m { () => { mod i; } }\n",
        )
        .unwrap();
        let mut found = Vec::new();
        collect(&file.items, "src/m", "src", &[], &mut found);
        let found: Vec<_> = found
            .iter()
            .map(|it| {
                (
                    it.name.as_str(),
                    it.line,
                    it.folder.as_str(),
                    it.path.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("a", 1, "src/m", None),
                ("b", 3, "src/m", Some("src/x.rs")),
                ("d", 5, "src/m/c", None),
                ("e", 7, "src/m/c", Some("src/m/c/y.rs")),
                ("f", 10, "src/m", None),
                ("h", 11, "src/m", None),
            ]
        );
    }
}
