// SPDX-License-Identifier: GPL-2.0

//! A crate's public interface as text, made of what rustdoc says of it.
//!
//! ```text
//! pub enum a::E
//!     pub a::E::V  // exhaustive
//! pub trait a::T
//!     pub fn a::T::given(&self)
//!     pub fn a::T::required(&self)  // required
//! impl<T: Clone> a::S<T>
//!     pub fn a::S<T>::f(&self)
//! ```
//!
//! A line is an item; members are indented below what they are members of, so that a method stands
//! with the bounds of its impl. What a signature can't tell is noted behind it: see [`Note`].
//!
//! Not in it: what `macro_rules!` macros accept, layouts, values of constants, and what is the same for
//! every type (blanket impls, `Freeze`, unwind safety).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use public_api::PublicItem;
use rustdoc_types::{
    Attribute, Crate, Id, Impl, Item, ItemEnum, Struct, StructKind, Union, VariantKind,
};

/// What stands before the notes of a line.
const BEFORE_NOTES: &str = "  // ";

/// What a line says about its item apart from the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// A trait's item without a default: each implementation has to have it.
    Required,
    /// A variant or field of something that others can list completely, in a `match` or a literal.
    Exhaustive,
    /// Not in the documentation: for the crates of the workspace, and for what macros expand to.
    Hidden,
}

impl Note {
    const ALL: [Note; 3] = [Note::Required, Note::Exhaustive, Note::Hidden];
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Note::Required => "required",
            Note::Exhaustive => "exhaustive",
            Note::Hidden => "hidden",
        })
    }
}

/// Takes the notes off a line.
pub(crate) fn notes(line: &str) -> (&str, Vec<Note>) {
    let Some((item, behind)) = line.rsplit_once(BEFORE_NOTES) else {
        return (line, Vec::new());
    };
    let found = |word: &str| Note::ALL.into_iter().find(|note| note.to_string() == word);
    match behind.split(", ").map(found).collect() {
        Some(notes) => (item, notes),
        None => (line, Vec::new()),
    }
}

/// Traits that the compiler or a derive implements in passing, and that nobody relies on by name.
const IN_PASSING: &[&str] = &[
    "Drop",
    "Freeze",
    "HasPinData",
    "PinnedDrop",
    "RefUnwindSafe",
    "StructuralPartialEq",
    "TrivialClone",
    "UnsafeUnpin",
    "UnwindSafe",
];

/// An item that is not a member of another, with its members.
struct Block {
    line: String,
    /// Whether the line only holds its members.
    inherent: bool,
    members: Vec<String>,
}

/// Makes the text of a crate's JSON.
///
/// Of a crate that bindgen makes, `raw`, it leaves out what bindgen makes for every type: its impls. Nor
/// does it note fields as exhaustive, for C's structs are made from zeroes.
pub(crate) fn render(json: &Path, raw: bool) -> Result<String> {
    let text = fs::read_to_string(json).with_context(|| json.display().to_string())?;
    let krate: Crate =
        serde_json::from_str(&text).with_context(|| format!("{}", json.display()))?;
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .build()
        .with_context(|| format!("the listing of {} failed", json.display()))?;

    let mut text = String::new();
    for block in blocks(&krate, raw, api.items()) {
        if block.inherent && block.members.is_empty() {
            continue;
        }
        text += &block.line;
        text.push('\n');
        for member in &block.members {
            text += &format!("    {member}\n");
        }
    }
    Ok(text)
}

fn blocks<'a>(krate: &Crate, raw: bool, items: impl Iterator<Item = &'a PublicItem>) -> Vec<Block> {
    let required = required(krate);
    let exhaustive = if raw {
        HashSet::new()
    } else {
        exhaustive(krate)
    };
    let mut blocks: Vec<Block> = Vec::new();
    // The block that members of an item go to, by the item.
    let mut home: HashMap<Id, usize> = HashMap::new();
    let mut inherent: BTreeMap<String, usize> = BTreeMap::new();
    let mut hidden: HashSet<Id> = HashSet::new();
    let mut left_out: HashSet<Id> = HashSet::new();
    let mut listed_impls: HashSet<Id> = HashSet::new();
    for listed in items {
        let (id, parent) = (listed.id(), listed.parent_id());
        let Some(item) = krate.index.get(&id) else {
            continue;
        };
        let within = parent.and_then(|parent| krate.index.get(&parent));
        let of_trait_impl =
            matches!(within.map(|item| &item.inner), Some(ItemEnum::Impl(i)) if i.trait_.is_some());
        let skip = parent.is_some_and(|parent| left_out.contains(&parent))
            || matches!(&item.inner, ItemEnum::Impl(i) if in_passing(i) || (raw && i.trait_.is_some()))
            // It is listed for its trait, for its type, and for each re-export of the type.
            || (matches!(item.inner, ItemEnum::Impl(_)) && !listed_impls.insert(id))
            // The trait says what they look like.
            || (of_trait_impl && matches!(item.inner, ItemEnum::Function(_)));
        if skip {
            left_out.insert(id);
            continue;
        }
        if is_hidden(item) || parent.is_some_and(|parent| hidden.contains(&parent)) {
            hidden.insert(id);
        }

        let mut line = listed.to_string();
        if let Some(source) = foreign_source(krate, item) {
            line += &format!(" = {source}");
        }
        let found: Vec<String> = [
            (Note::Required, required.contains(&id)),
            (Note::Exhaustive, exhaustive.contains(&id)),
            (Note::Hidden, hidden.contains(&id)),
        ]
        .into_iter()
        .filter(|(_, holds)| *holds)
        .map(|(note, _)| note.to_string())
        .collect();
        if !found.is_empty() {
            line += BEFORE_NOTES;
            line += &found.join(", ");
        }

        let at = parent.filter(|_| !matches!(item.inner, ItemEnum::Impl(_)));
        if let Some(at) = at.and_then(|parent| home.get(&parent)) {
            blocks[*at].members.push(line);
            home.insert(id, *at);
            continue;
        }
        let is_inherent = matches!(&item.inner, ItemEnum::Impl(i) if i.trait_.is_none());
        let at = match inherent.get(&line) {
            Some(at) => *at,
            None => {
                blocks.push(Block {
                    line: line.clone(),
                    inherent: is_inherent,
                    members: Vec::new(),
                });
                blocks.len() - 1
            }
        };
        if is_inherent {
            inherent.insert(line, at);
        }
        if !matches!(item.inner, ItemEnum::Module(_)) {
            home.insert(id, at);
        }
    }
    for block in &mut blocks {
        // Several impls may have come together.
        block.members.sort();
    }
    blocks
}

/// Whether an impl goes without saying.
fn in_passing(found: &Impl) -> bool {
    let name = found
        .trait_
        .as_ref()
        .map(|path| path.path.rsplit("::").next().unwrap_or(&path.path));
    // Auto traits that a type lacks are told by the line that is not there.
    name.is_some_and(|name| found.is_negative || IN_PASSING.contains(&name))
}

fn is_hidden(item: &Item) -> bool {
    item.attrs
        .iter()
        .any(|attribute| matches!(attribute, Attribute::Other(text) if text == "#[doc(hidden)]"))
}

/// What a re-export of another crate's item names.
fn foreign_source(krate: &Crate, item: &Item) -> Option<String> {
    let ItemEnum::Use(found) = &item.inner else {
        return None;
    };
    if found.is_glob {
        return None;
    }
    if let Some(path) = found.id.and_then(|id| krate.paths.get(&id)) {
        return (path.crate_id != 0).then(|| path.path.join("::"));
    }
    let source = found.source.trim_start_matches("::");
    let relative = ["crate::", "self::", "super::"]
        .iter()
        .any(|start| source.starts_with(start));
    (!relative).then(|| source.to_owned())
}

/// The items of traits that have no default.
fn required(krate: &Crate) -> HashSet<Id> {
    krate
        .index
        .values()
        .filter_map(|item| match &item.inner {
            ItemEnum::Trait(found) => Some(&found.items),
            _ => None,
        })
        .flatten()
        .filter(|id| match krate.index.get(id).map(|item| &item.inner) {
            Some(ItemEnum::Function(found)) => !found.has_body,
            Some(ItemEnum::AssocConst { value, .. }) => value.is_none(),
            Some(ItemEnum::AssocType { type_, .. }) => type_.is_none(),
            _ => false,
        })
        .copied()
        .collect()
}

/// The variants and fields of what others can list completely.
fn exhaustive(krate: &Crate) -> HashSet<Id> {
    let mut found = HashSet::new();
    for item in krate.index.values() {
        if item.attrs.contains(&Attribute::NonExhaustive) {
            continue;
        }
        match &item.inner {
            ItemEnum::Enum(inner) => found.extend(inner.variants.iter().copied()),
            ItemEnum::Struct(Struct {
                kind:
                    StructKind::Plain {
                        fields,
                        has_stripped_fields: false,
                    },
                ..
            })
            | ItemEnum::Union(Union {
                fields,
                has_stripped_fields: false,
                ..
            }) => found.extend(fields.iter().copied()),
            ItemEnum::Variant(variant) => {
                if let VariantKind::Struct {
                    fields,
                    has_stripped_fields: false,
                } = &variant.kind
                {
                    found.extend(fields.iter().copied());
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_come_off_a_line() {
        assert_eq!(
            notes("pub fn a::T::f()  // required, hidden"),
            ("pub fn a::T::f()", vec![Note::Required, Note::Hidden])
        );
        for line in ["pub fn a::f()", "pub const a::S: &str = \"  // x\""] {
            assert_eq!(notes(line), (line, Vec::new()));
        }
    }
}
