// SPDX-License-Identifier: GPL-2.0

//! Which crate defines a name. Good enough to tell people where to look; the compiler has judged
//! already.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Item, ItemImpl, Type};

use crate::flatten::{Flat, Origin};

/// The crates that define each name.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    names: BTreeMap<String, BTreeSet<String>>,
}

impl Definitions {
    /// What the crates' sources define.
    pub(crate) fn new(flat: &Flat) -> Self {
        let mut definitions = Self::default();
        for (path, file) in &flat.files {
            let Origin::Copied { package, .. } = file.origin() else {
                continue;
            };
            let Some(name) = path.strip_suffix(".rs") else {
                continue;
            };
            // A file is a module; those at the top are the ones that paths begin with.
            let module = name.strip_suffix("/mod").unwrap_or(name);
            let module = module.rsplit('/').next().unwrap_or(module);
            definitions.add(module, package);
            let text = String::from_utf8_lossy(file.bytes());
            // What does not parse is in the compiler's words already.
            if let Ok(file) = syn::parse_file(&text) {
                Collector {
                    definitions: &mut definitions,
                    package,
                }
                .visit_file(&file);
            }
        }
        definitions
    }

    fn add(&mut self, name: &str, package: &str) {
        let packages = self.names.entry(name.to_owned()).or_default();
        packages.insert(package.to_owned());
    }

    /// The crates that define `name`.
    pub(crate) fn of(&self, name: &str) -> impl Iterator<Item = &str> {
        self.names
            .get(name)
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}

struct Collector<'a> {
    definitions: &'a mut Definitions,
    package: &'a str,
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Macro(item) => item.ident.as_ref(),
            Item::Mod(item) => Some(&item.ident),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::TraitAlias(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Union(item) => Some(&item.ident),
            _ => None,
        };
        if let Some(name) = name {
            self.definitions.add(&name.to_string(), self.package);
        }
        // Items inside of functions are nobody else's.
        if let Item::Mod(_) = item {
            visit::visit_item(self, item);
        }
    }
}

/// The trait and the type that the impl at `line` of a source is about.
pub(crate) fn impl_at(text: &str, line: usize) -> Vec<String> {
    struct Finder {
        line: usize,
        names: Vec<String>,
    }
    impl<'ast> Visit<'ast> for Finder {
        fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
            let start = item.impl_token.span.start().line;
            let end = item.brace_token.span.open().end().line;
            if !(start..=end).contains(&self.line) {
                return;
            }
            let path = item.trait_.as_ref().map(|(_, path, _)| path);
            let last = path.and_then(|path| path.segments.last());
            self.names.extend(last.map(|part| part.ident.to_string()));
            self.names.extend(type_name(&item.self_ty));
        }
    }
    let mut finder = Finder {
        line,
        names: Vec::new(),
    };
    if let Ok(file) = syn::parse_file(text) {
        finder.visit_file(&file);
    }
    finder.names
}

fn type_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(ty) => ty.path.segments.last().map(|part| part.ident.to_string()),
        Type::Reference(ty) => type_name(&ty.elem),
        Type::Group(ty) => type_name(&ty.elem),
        Type::Paren(ty) => type_name(&ty.elem),
        Type::Slice(ty) => type_name(&ty.elem),
        Type::Array(ty) => type_name(&ty.elem),
        Type::Ptr(ty) => type_name(&ty.elem),
        _ => None,
    }
}
