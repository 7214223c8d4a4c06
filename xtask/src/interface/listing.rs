// SPDX-License-Identifier: GPL-2.0

//! A listing of the public interface of `kernel`, one item a line, read for what its lines are about.
//!
//! An impl's line is followed by those of its members, which begin with the type as the impl has it:
//!
//! ```text
//! impl<T> kernel::io::IoLoc<T> for usize where T: kernel::io::Register
//! pub fn usize::offset(self) -> usize
//! ```
//!
//! So what a member is about may only be seen in the line of its impl.

use std::collections::BTreeSet;

use regex::Regex;

/// A line of a listing.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The line as it was listed.
    pub(super) line: String,
    /// What has to be the same in two listings. It has items that are not public by their names
    /// alone, where they are is nobody's business; and a member with its impl's trait and type.
    pub(super) same: String,
    /// What the item is called, the rest of its signature aside.
    pub(super) key: String,
    /// The module that the line is about, or `(root)`.
    pub(super) module: String,
    /// Every module of the crate's root that the line names, or the line of the impl it is in.
    pub(super) names: BTreeSet<String>,
    /// Whether this is an impl without a trait, which does nothing but hold its members.
    pub(super) inherent: bool,
}

/// The line of an impl, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Header<'a> {
    trait_: Option<&'a str>,
    type_: &'a str,
}

impl<'a> Header<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let rest = line.strip_prefix("unsafe ").unwrap_or(line);
        let rest = rest.strip_prefix("impl")?;
        let rest = match rest.chars().next()? {
            '<' => split(rest, |rest| rest.starts_with(' '))?.1,
            ' ' => rest,
            _ => return None,
        };
        let rest = rest.trim_start();
        let rest = split(rest, |rest| rest.starts_with(" where ")).map_or(rest, |(head, _)| head);
        Some(match split(rest, |rest| rest.starts_with(" for ")) {
            Some((trait_, type_)) => Header {
                trait_: Some(trait_),
                type_: &type_[" for ".len()..],
            },
            None => Header {
                trait_: None,
                type_: rest,
            },
        })
    }

    /// The impl without its generics' names and bounds.
    fn key(&self) -> String {
        match self.trait_ {
            Some(trait_) => format!("impl {trait_} for {}", self.type_),
            None => format!("impl {}", self.type_),
        }
    }
}

/// Splits at the first place outside of all brackets of which `here` is true.
fn split(text: &str, here: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
    let mut depth = 0_u32;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if depth == 0 && here(&text[at..]) {
            return Some(text.split_at(at));
        }
        match c {
            '<' | '(' | '[' | '{' => depth += 1,
            // Not the head of an arrow.
            '>' if before == '-' => {}
            '>' | ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = c;
    }
    None
}

/// Reads `lines`, which name modules of the crate's root that are among `roots`.
///
/// `macros` says which of these modules a macro belongs to, since all macros are at the root.
pub(super) fn read(
    lines: &[String],
    roots: &BTreeSet<String>,
    macro_of: impl Fn(&str) -> Option<String>,
) -> Vec<Item> {
    let public: BTreeSet<&str> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("pub mod "))
        .collect();
    let qualifiers = Regex::new(
        r"^(?:#\[.*?\] )*(?:(?:pub|const|unsafe|c|async|fn|type|struct|enum|union|trait|mod|macro|static|mut|use) )*",
    )
    .expect("the regular expression is one");
    let named = Regex::new(r"\bkernel::(\w+)(?:::|$)").expect("the regular expression is one");
    let names = |text: &str| -> BTreeSet<String> {
        named
            .captures_iter(text)
            .map(|found| found[1].to_owned())
            .filter(|name| roots.contains(name))
            .collect()
    };
    // The first of these that `text` names.
    let first = |text: &str| -> Option<String> {
        let found = named.captures(text)?;
        roots.get(&found[1]).cloned()
    };
    let root = || "(root)".to_owned();

    let mut items = Vec::new();
    let mut within: Option<&str> = None;
    for line in lines {
        let same = private_by_name(line, &public);
        if let Some(header) = Header::of(line) {
            items.push(Item {
                line: line.clone(),
                same,
                key: header.key(),
                module: first(header.type_)
                    .or_else(|| first(header.trait_?))
                    .unwrap_or_else(root),
                names: names(line),
                inherent: header.trait_.is_none(),
            });
            within = Some(line);
            continue;
        }
        let rest = &line[qualifiers.find(line).map_or(0, |found| found.end())..];
        let member = within.and_then(|line| {
            let header = Header::of(line)?;
            let name = rest.strip_prefix(header.type_)?.strip_prefix("::")?;
            Some((line, header, name))
        });
        let item = if let Some((outer, header, name)) = member {
            let mut names = names(line);
            names.append(&mut self::names_of(outer, &names_in(&named, roots)));
            Item {
                line: line.clone(),
                same: format!("{}: {same}", header.key()),
                key: format!("{}: {}", header.key(), word(name)),
                module: first(header.type_)
                    .or_else(|| first(header.trait_?))
                    .unwrap_or_else(root),
                names,
                inherent: false,
            }
        } else {
            within = None;
            let key = word(rest);
            let mut names = names(line);
            if let Some(name) = key.strip_suffix('!') {
                names.extend(macro_of(name.rsplit("::").next().unwrap_or(name)));
            }
            Item {
                line: line.clone(),
                same,
                key: key.to_owned(),
                module: first(rest).unwrap_or_else(root),
                names,
                inherent: false,
            }
        };
        items.push(item);
    }
    items
}
