// SPDX-License-Identifier: GPL-2.0

//! Whether each file of a tree, and each module of `kernel`, is that of one crate.

use std::collections::BTreeMap;

use super::{Crate, Findings};
use crate::flatten::{collect_imports, siblings, Seam};
use crate::image::{place, Place};
use crate::workspace::Dest;

/// What `mirror` makes itself.
const GENERATED: [&str; 5] = [
    "rust/bindings/bindings_helper.h",
    "rust/helpers/helpers.c",
    "rust/kernel/lib.rs",
    "rust/kernel/prelude.rs",
    "rust/uapi/uapi_helper.h",
];

/// Checks where all files go.
pub(super) fn check(crates: &[Crate], findings: &mut Findings<'_>) {
    files(crates, findings);
    modules(crates, findings);
}

fn files(crates: &[Crate], findings: &mut Findings<'_>) {
    // By what a file system without case, and rustc, take for the same.
    let mut claims: BTreeMap<String, (String, String)> = BTreeMap::new();
    for path in GENERATED {
        let by = ("what mirror generates".to_owned(), path.to_owned());
        claims.insert(key(path), by);
    }
    for krate in crates {
        for name in krate.image.files.keys() {
            let path = match place(&krate.image.package, name) {
                Ok(Place::File(path)) => path,
                Ok(_) => continue,
                Err(error) => {
                    findings.add_error(krate, name, &error);
                    continue;
                }
            };
            let own = format!("{}/{name}", krate.name());
            let Some((first, other)) = claims.insert(key(&path), (own, path.clone())) else {
                continue;
            };
            let what = if other == path {
                format!("{path}: {first} has that place as well")
            } else if other.eq_ignore_ascii_case(&path) {
                format!("{path}: {first} differs in case only, and some file systems know no case")
            } else {
                format!("{path}: {first} is {other}, the same module")
            };
            findings.add(krate, name, 1, what, "rename or remove one of them");
        }
    }
}

fn key(path: &str) -> String {
    let path = path.to_ascii_lowercase();
    match path.strip_suffix("/mod.rs") {
        Some(module) => format!("{module}.rs"),
        None => path,
    }
}

/// Checks the roots of `kernel`: what the seams declare.
fn modules(crates: &[Crate], findings: &mut Findings<'_>) {
    let siblings = siblings(crates.iter().map(|krate| &krate.image.package), &[]);
    let name = "src/lib.rs";
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for krate in crates {
        let package = &krate.image.package;
        let (Dest::Kernel, Some(text)) = (&package.dest, krate.text(name)) else {
            continue;
        };
        if !krate.sources.contains_key(name) {
            // That is a finding already.
            continue;
        }
        let seam = match Seam::parse(&package.root.join(name), &text, &siblings) {
            Ok(seam) => seam,
            Err(error) => {
                findings.add_error(krate, name, &error);
                continue;
            }
        };
        for (module, _, line) in &seam.modules {
            let place = format!("{}/{name}:{line}", krate.name());
            if let Some(first) = seen.insert(module.clone(), place) {
                let what = format!("the module `{module}` is a root at {first} as well");
                findings.add(
                    krate,
                    name,
                    *line,
                    what,
                    "rename one, or move it below another root",
                );
            }
        }
        if package.is_facade() {
            facade(krate, findings);
        }
    }
}

/// The facade belongs to no subsystem: what it has of its own stays when any of them is left out.
fn facade(krate: &Crate, findings: &mut Findings<'_>) {
    let name = "src/lib.rs";
    let advice = "have it in the crate whose subsystem it is about";
    let Some(source) = krate.sources.get(name) else {
        return;
    };
    let mut own = |item: &syn::Item| {
        let (line, what) = match item {
            syn::Item::Mod(module) => (
                module.ident.span().start().line,
                format!("the facade has a module of its own, `{}`", module.ident),
            ),
            syn::Item::Use(item) => {
                let mut imports = Vec::new();
                collect_imports(item, Vec::new(), Vec::new(), &mut imports);
                let own = |path: &Vec<String>| path.first().is_some_and(|root| root == "crate");
                if !imports.iter().any(|import| own(&import.path)) {
                    return;
                }
                let line = item.use_token.span.start().line;
                (line, "the facade re-exports parts of a crate".to_owned())
            }
            _ => return,
        };
        findings.add(krate, name, line, what, advice);
    };
    for item in &source.file.items {
        match item {
            syn::Item::Mod(module) if module.ident == "prelude" => {
                let items = module.content.iter().flat_map(|(_, items)| items);
                items.for_each(&mut own);
            }
            item => own(item),
        }
    }
}
