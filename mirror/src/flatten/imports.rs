// SPDX-License-Identifier: GPL-2.0

//! Merges imports, and writes them as rustfmt leaves them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use syn::{ItemUse, UseTree};

/// A single imported name, with what stands above the `use` that it is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// Attributes, as written.
    pub(super) attributes: Vec<String>,
    /// Lines of comment.
    pub(super) comments: Vec<String>,
    /// The path before the last part.
    pub(crate) path: Vec<String>,
    /// The last part.
    pub(super) leaf: Leaf,
}

/// What a path ends in, in rustfmt's order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leaf {
    /// `self`, `name`, or `name as alias`.
    Name(Name, Option<String>),
    /// `*`.
    Glob,
}

impl Import {
    /// The name that it brings in; none for all of a module's.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.leaf {
            Leaf::Name(_, Some(alias)) => Some(alias),
            Leaf::Name(name, None) if name.0 == "self" => self.path.last().map(String::as_str),
            Leaf::Name(name, None) => Some(&name.0),
            Leaf::Glob => None,
        }
    }
}

/// A part of a path. `self`, `super`, `crate` come first, then `snake_case`, `CamelCase`, and
/// `SCREAMING_CASE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(String);

impl Name {
    fn rank(&self) -> u8 {
        match self.0.as_str() {
            "self" => 0,
            "super" => 1,
            "crate" => 2,
            name if !name.starts_with(char::is_uppercase) => 3,
            name if name.contains(char::is_lowercase) => 4,
            _ => 5,
        }
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.rank(), &self.0).cmp(&(other.rank(), &other.0))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The first parts of all paths in `tree`.
pub(super) fn roots(tree: &UseTree, roots: &mut Vec<String>) {
    match tree {
        UseTree::Path(part) => roots.push(part.ident.to_string()),
        UseTree::Name(name) => roots.push(name.ident.to_string()),
        UseTree::Rename(rename) => roots.push(rename.ident.to_string()),
        UseTree::Glob(_) => {}
        UseTree::Group(group) => {
            for tree in &group.items {
                self::roots(tree, roots);
            }
        }
    }
}

/// Adds every name that `item` imports to `imports`.
pub(crate) fn collect(
    item: &ItemUse,
    attributes: Vec<String>,
    comments: Vec<String>,
    imports: &mut Vec<Import>,
) {
    let root = if item.leading_colon.is_some() {
        "::"
    } else {
        ""
    };
    descend(&item.tree, &mut Vec::new(), &mut |path, leaf| {
        let mut path = path.to_vec();
        if let Some(first) = path.first_mut() {
            first.insert_str(0, root);
        }
        imports.push(Import {
            attributes: attributes.clone(),
            comments: comments.clone(),
            path,
            leaf,
        });
    });
}

fn descend(tree: &UseTree, path: &mut Vec<String>, found: &mut impl FnMut(&[String], Leaf)) {
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.to_string());
            descend(&part.tree, path, found);
            path.pop();
        }
        UseTree::Name(name) => found(path, Leaf::Name(Name(name.ident.to_string()), None)),
        UseTree::Rename(rename) => found(
            path,
            Leaf::Name(
                Name(rename.ident.to_string()),
                Some(rename.rename.to_string()),
            ),
        ),
        UseTree::Glob(_) => found(path, Leaf::Glob),
        UseTree::Group(group) => {
            for tree in &group.items {
                descend(tree, path, found);
            }
        }
    }
}

/// Writes `imports` as `pub use …;`, one for all that share attributes and a first part.
pub(super) fn write(imports: &[Import]) -> String {
    let mut groups: BTreeMap<_, (Vec<&str>, Node)> = BTreeMap::new();
    for import in imports {
        let root = import.path.first();
        // Others' crates first, this one's own last.
        let is_own = root.is_some_and(|root| root == "crate");
        // What has no path does not merge.
        let alone = root.is_none().then_some(&import.leaf);
        let key = (is_own, root, alone, &import.attributes);
        let (comments, node) = groups.entry(key).or_default();
        for comment in &import.comments {
            if !comments.contains(&comment.as_str()) {
                comments.push(comment);
            }
        }
        node.add(import.path.get(1..).unwrap_or(&[]), import.leaf.clone());
    }

    let mut text = String::new();
    for ((_, root, _, attributes), (comments, node)) in &groups {
        if !text.is_empty() {
            text.push('\n');
        }
        let above = comments.iter().copied();
        for line in above.chain(attributes.iter().map(String::as_str)) {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str("pub use ");
        if let Some(root) = root {
            text.push_str(root);
            text.push_str("::");
        }
        node.write(0, &mut text);
        text.push_str(";\n");
    }
    text
}

/// The imports below one part of a path.
#[derive(Debug, Default)]
struct Node {
    leaves: Vec<Leaf>,
    below: BTreeMap<Name, Node>,
}

impl Node {
    fn add(&mut self, path: &[String], leaf: Leaf) {
        match path.split_first() {
            Some((first, rest)) => {
                let node = self.below.entry(Name(first.clone())).or_default();
                node.add(rest, leaf);
            }
            None => {
                if let Err(at) = self.leaves.binary_search(&leaf) {
                    self.leaves.insert(at, leaf);
                }
            }
        }
    }

    fn write(&self, depth: usize, text: &mut String) {
        let lone_self = matches!(
            self.leaves.as_slice(),
            [Leaf::Name(name, _)] if name.0 == "self"
        );
        let braces = lone_self || self.leaves.len() + self.below.len() > 1;
        // A name comes before the paths that begin with it, and the glob after all names.
        let mut entries = Vec::new();
        for leaf in &self.leaves {
            let (key, mut entry) = match leaf {
                Leaf::Name(name, _) => ((0, Some(name), 0), name.0.clone()),
                Leaf::Glob => ((1, None, 0), "*".to_owned()),
            };
            if let Leaf::Name(_, Some(alias)) = leaf {
                entry.push_str(" as ");
                entry.push_str(alias);
            }
            entries.push((key, entry));
        }
        for (name, node) in &self.below {
            let mut entry = format!("{}::", name.0);
            node.write(depth + usize::from(braces), &mut entry);
            entries.push(((0, Some(name), 1), entry));
        }
        entries.sort();

        if !braces {
            text.extend(entries.into_iter().map(|(_, entry)| entry));
            return;
        }
        text.push_str("{\n");
        let indent = "    ".repeat(depth + 1);
        for (at, (_, entry)) in entries.iter().enumerate() {
            text.push_str(&indent);
            text.push_str(entry);
            // The empty comment has rustfmt keep one name on each line.
            let last = at + 1 == entries.len();
            text.push_str(if last { ", //\n" } else { ",\n" });
        }
        text.push_str(&"    ".repeat(depth));
        text.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merge(text: &str) -> String {
        let file = syn::parse_file(text).unwrap();
        let mut imports = Vec::new();
        for item in &file.items {
            match item {
                syn::Item::Use(item) => collect(item, Vec::new(), Vec::new(), &mut imports),
                _ => panic!("only imports in this test"),
            }
        }
        write(&imports)
    }

    #[test]
    fn merges_and_sorts() {
        let merged = merge(
            "pub use crate::{b::{Xa, self, y}, a}; pub use crate::b::{Za as W, MAX, Xa}; \
             pub use core::pin::Pin; pub use crate::b::flags::*; pub use ::core::mem;",
        );
        let expected = "\
pub use ::core::mem;

pub use core::pin::Pin;

pub use crate::{
    a,
    b::{
        self,
        flags::*,
        y,
        Xa,
        Za as W,
        MAX, //
    }, //
};
";
        assert_eq!(merged, expected);
    }

    #[test]
    fn keeps_a_lone_self_in_braces() {
        assert_eq!(
            merge("pub use core::fmt::{self};"),
            "pub use core::fmt::{\n    self, //\n};\n"
        );
    }

    #[test]
    fn writes_a_crate_by_itself() {
        assert_eq!(merge("pub use ffi;"), "pub use ffi;\n");
    }
}
