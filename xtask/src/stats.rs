// SPDX-License-Identifier: GPL-2.0

//! How much code there is, and how much of it is unsafe.

use std::fs;

use anyhow::{Context, Result};
use syn::visit::{self, Visit};

use crate::layers::rust_files;
use crate::table::table;
use crate::workspace::{folder, Workspace};

#[derive(Default)]
struct Count {
    code: usize,
    documentation: usize,
    unsafe_blocks: usize,
    unsafe_impls: usize,
}

impl<'ast> Visit<'ast> for Count {
    fn visit_expr_unsafe(&mut self, node: &'ast syn::ExprUnsafe) {
        self.unsafe_blocks += 1;
        visit::visit_expr_unsafe(self, node);
    }

    fn visit_item_impl(&mut self, node: &'ast syn::ItemImpl) {
        self.unsafe_impls += usize::from(node.unsafety.is_some());
        visit::visit_item_impl(self, node);
    }

    fn visit_macro(&mut self, node: &'ast syn::Macro) {
        // The syntax tree ends at macros; their tokens hold blocks too.
        self.count_tokens(node.tokens.clone());
    }

    fn visit_item_macro(&mut self, node: &'ast syn::ItemMacro) {
        self.count_tokens(node.mac.tokens.clone());
    }
}

impl Count {
    fn count_tokens(&mut self, tokens: proc_macro2::TokenStream) {
        let mut after_unsafe = false;
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Group(group) => {
                    self.unsafe_blocks += usize::from(
                        after_unsafe && group.delimiter() == proc_macro2::Delimiter::Brace,
                    );
                    self.count_tokens(group.stream());
                    after_unsafe = false;
                }
                proc_macro2::TokenTree::Ident(ident) => {
                    let word = ident.to_string();
                    self.unsafe_impls += usize::from(after_unsafe && word == "impl");
                    after_unsafe = word == "unsafe";
                }
                _ => after_unsafe = false,
            }
        }
    }

    fn add(&mut self, text: &str) -> syn::Result<()> {
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if line.starts_with("//") {
                self.documentation += 1;
            } else {
                self.code += 1;
            }
        }
        self.visit_file(&syn::parse_file(text)?);
        Ok(())
    }
}

/// A table with a line for each crate.
pub(crate) fn report(workspace: &Workspace) -> Result<String> {
    let mut rows = Vec::new();
    let mut packages = workspace.metadata.workspace_packages();
    packages.sort_by(|a, b| a.manifest_path.cmp(&b.manifest_path));
    for package in packages {
        let mut count = Count::default();
        for file in rust_files(&folder(package).join("src")) {
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            count
                .add(&text)
                .with_context(|| file.display().to_string())?;
        }
        rows.push(vec![
            folder(package)
                .strip_prefix(&workspace.root)
                .unwrap_or(folder(package))
                .display()
                .to_string(),
            count.code.to_string(),
            count.documentation.to_string(),
            count.unsafe_blocks.to_string(),
            count.unsafe_impls.to_string(),
        ]);
    }
    Ok(table(
        &[
            "crate",
            "lines of code",
            "lines of comment",
            "unsafe blocks",
            "unsafe impls",
        ],
        &rows,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_is_counted_inside_macros_too() {
        let mut count = Count::default();
        count
            .add(
                "// A comment.\nfn f() { unsafe { g() } }\nunsafe impl Send for T {}\n\
                 macro_rules! m { () => { unsafe { h() } }; (x) => { unsafe impl U for T {} } }\n",
            )
            .unwrap();
        assert_eq!((count.unsafe_blocks, count.unsafe_impls), (2, 2));
        assert_eq!((count.code, count.documentation), (3, 1));
    }
}
