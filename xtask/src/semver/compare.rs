// SPDX-License-Identifier: GPL-2.0

//! What changed between two texts of an interface, and whether that breaks those who use it.
//!
//! Whatever is gone or different breaks; two differences are known not to: a function that became
//! `const`, and one, outside of traits, that is no longer `unsafe`. What is new is an addition, unless
//! those who implement a trait, list all fields or variants, or have impls of their own have to follow.
//!
//! cargo-semver-checks would do half of this: it knows more about layouts and features, but neither
//! the types of parameters nor bounds, and so misses most changed signatures; and it needs the sources
//! of both versions, of which this has one text.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{notes, Note};
use crate::interface::listing::{all, Header, QUALIFIERS};

/// What a change asks of the next version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Nothing,
    Addition,
    Breaking,
}

/// A difference between two interfaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    /// What happened and to which item, in one or more lines.
    pub(crate) text: String,
}

impl Finding {
    fn breaking(text: String) -> Self {
        Self {
            level: Level::Breaking,
            text,
        }
    }
}

/// A line of an interface.
#[derive(Debug)]
struct Entry<'a> {
    /// The line without its notes.
    line: &'a str,
    notes: Vec<Note>,
    /// The line of what it is a member of.
    head: Option<&'a str>,
    /// What it is called, the rest of its signature aside.
    key: String,
    /// What the item is called that it is a member of.
    head_key: String,
}

/// An interface, by what is the same in another that has the item, too.
struct Interface<'a>(BTreeMap<String, Entry<'a>>);

impl<'a> Interface<'a> {
    fn read(text: &'a str) -> Self {
        let mut entries = BTreeMap::new();
        let mut head: Option<Head<'_>> = None;
        for whole in text.lines() {
            let (line, notes) = notes(whole);
            if let Some(member) = line.strip_prefix("    ") {
                let Some(head) = &head else { continue };
                let entry = Entry {
                    line: member,
                    notes,
                    head: Some(head.line),
                    key: head.key_of(member),
                    head_key: head.key.clone(),
                };
                entries.insert(format!("{}: {member}", head.same), entry);
                continue;
            }
            let found = Head::of(line);
            // An inherent impl only holds its members, which carry its bounds.
            if found.header.is_none_or(|header| header.trait_.is_some()) {
                let entry = Entry {
                    line,
                    notes,
                    head: None,
                    key: found.key.clone(),
                    head_key: String::new(),
                };
                let same = match found.header {
                    Some(_) => &found.same,
                    None => line,
                };
                entries.insert(same.to_owned(), entry);
            }
            head = Some(found);
        }
        Self(entries)
    }

    fn keys(&self) -> BTreeSet<&str> {
        self.0.values().map(|entry| entry.key.as_str()).collect()
    }
}

/// A line that members follow.
struct Head<'a> {
    line: &'a str,
    header: Option<Header<'a>>,
    /// What is the same for all members in another text: an impl with its bounds, or a path.
    same: String,
    /// What it is called.
    key: String,
}

impl<'a> Head<'a> {
    fn of(line: &'a str) -> Self {
        let header = Header::of(line);
        let (same, key) = match header {
            Some(header) => (header.sorted(), header.key()),
            None => (path_of(line), path_of(line)),
        };
        Self {
            line,
            header,
            same,
            key,
        }
    }

    /// What a member is called.
    fn key_of(&self, member: &str) -> String {
        let path = unqualified(member);
        let name = self
            .header
            .and_then(|header| path.strip_prefix(header.type_)?.strip_prefix("::"));
        match name {
            Some(name) => format!("{}::{}", self.key, without_generics(name)),
            None => without_generics(path),
        }
    }
}

/// A line from its path on.
fn unqualified(line: &str) -> &str {
    &line[QUALIFIERS.find(line).map_or(0, |found| found.end())..]
}

/// What an item that is not an impl is called.
fn path_of(line: &str) -> String {
    if line.starts_with("feature ") {
        return line.to_owned();
    }
    without_generics(unqualified(line))
}

/// The path that `text` begins with, without the generics in it.
fn without_generics(text: &str) -> String {
    let mut depth = 0_u32;
    let mut before = ' ';
    let mut path = String::new();
    for c in text.chars() {
        match c {
            '<' => depth += 1,
            // The head of an arrow.
            '>' if before == '-' => {}
            '>' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            c if c.is_alphanumeric() || "_:!#".contains(c) => path.push(c),
            _ => break,
        }
        before = c;
    }
    // The type of a field follows.
    path.trim_end_matches(':').to_owned()
}

/// What changed from `old` to `new`, what breaks first.
pub(crate) fn compare(old: &str, new: &str) -> Vec<Finding> {
    let (old, new) = (Interface::read(old), Interface::read(new));
    let old_keys = old.keys();
    let mut findings = Vec::new();

    for (identity, before) in &old.0 {
        if let Some(after) = new.0.get(identity) {
            findings.extend(noted(before, after));
        }
    }

    let mut come: Vec<&Entry<'_>> = new
        .0
        .iter()
        .filter(|(identity, _)| !old.0.contains_key(*identity))
        .map(|(_, entry)| entry)
        .collect();
    for (_, gone) in old
        .0
        .iter()
        .filter(|(identity, _)| !new.0.contains_key(*identity))
    {
        let at = come.iter().position(|entry| entry.key == gone.key);
        findings.push(match at.map(|at| come.remove(at)) {
            Some(changed) => difference(gone, changed),
            None => Finding::breaking(format!("removed: {}", show(gone, None))),
        });
    }
    findings.extend(come.into_iter().map(|entry| addition(entry, &old_keys)));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    findings
}

/// What became of an item whose line is the same.
fn noted(before: &Entry<'_>, after: &Entry<'_>) -> Option<Finding> {
    let (had, has) = (
        |note| before.notes.contains(&note),
        |note| after.notes.contains(&note),
    );
    let what = if !had(Note::Required) && has(Note::Required) {
        "lost its default"
    } else if !had(Note::Hidden) && has(Note::Hidden) {
        "now hidden"
    } else if had(Note::Exhaustive) && !has(Note::Exhaustive) {
        "stands with what can't be listed, now"
    } else if before.notes != after.notes {
        return Some(Finding {
            level: Level::Addition,
            text: format!("open to more uses: {}", show(after, None)),
        });
    } else {
        return None;
    };
    Some(Finding::breaking(format!("{what}: {}", show(after, None))))
}

fn difference(old: &Entry<'_>, new: &Entry<'_>) -> Finding {
    let in_trait = old.head.is_some_and(|head| Header::of(head).is_none());
    let constant = new.line.replacen("pub const ", "pub ", 1) == old.line;
    let safe = !in_trait && old.line.replacen("unsafe fn ", "fn ", 1) == new.line;
    let function = old.line.contains("fn ");
    if function && old.head == new.head && (constant || safe) {
        return Finding {
            level: Level::Addition,
            text: format!("open to more uses: {}", show(new, None)),
        };
    }
    // Where the lines are the same, the bounds of the impls around them are not.
    let heads = (old.line == new.line).then_some(());
    Finding::breaking(format!(
        "changed: {}\n     to: {}",
        show(old, heads),
        show(new, heads)
    ))
}

fn addition(entry: &Entry<'_>, old: &BTreeSet<&str>) -> Finding {
    let was_there = old.contains(entry.head_key.as_str());
    let text = show(entry, None);
    if was_there && entry.notes.contains(&Note::Required) {
        return Finding::breaking(format!("new, and implementations lack it: {text}"));
    }
    if was_there && entry.notes.contains(&Note::Exhaustive) {
        return Finding::breaking(format!("new, and those who list all lack it: {text}"));
    }
    let header = Header::of(entry.line);
    if let Some((header, trait_)) = header.and_then(|header| Some((header, header.trait_?))) {
        let type_ = header.type_.trim_start_matches('&');
        let blanket = all(header.parameters, ", ")
            .any(|parameter| parameter.split(':').next() == Some(type_));
        if blanket && old.contains(without_generics(trait_).as_str()) {
            return Finding::breaking(format!("new, and others may have such impls: {text}"));
        }
    }
    Finding {
        level: Level::Addition,
        text: format!("new: {text}"),
    }
}

fn show(entry: &Entry<'_>, with_head: Option<()>) -> String {
    match (entry.head, with_head) {
        (Some(head), Some(())) => format!("{} (in {head})", entry.line),
        _ => entry.line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn changes(old: &str, new: &str) -> Vec<(Level, String)> {
        compare(old, new)
            .into_iter()
            .map(|finding| (finding.level, finding.text))
            .collect()
    }

    #[track_caller]
    fn one(old: &str, new: &str) -> (Level, String) {
        let found = changes(old, new);
        assert_eq!(found.len(), 1, "{found:#?}");
        found[0].clone()
    }

    const OLD: &str = "pub mod a
pub struct a::S<T>
impl<T: core::marker::Sync> a::S<T>
    pub fn a::S<T>::f(&self) -> u8
    pub unsafe fn a::S<T>::g(&self)
impl<T> core::marker::Send for a::S<T> where T: core::marker::Send
pub trait a::Tr
    pub fn a::Tr::given(&self)
    pub fn a::Tr::must(&self)  // required
pub enum a::E
    pub a::E::V  // exhaustive
pub fn a::internal()  // hidden
";

    /// `OLD` with a line replaced.
    fn with(from: &str, to: &str) -> String {
        assert_eq!(OLD.matches(from).count(), 1, "{from}");
        OLD.replace(from, to)
    }

    #[test]
    fn nothing_changes_between_equal_texts() {
        assert_eq!(changes(OLD, OLD), []);
    }

    #[test]
    fn a_removed_method_breaks() {
        let new = with("    pub fn a::S<T>::f(&self) -> u8\n", "");
        let (level, text) = one(OLD, &new);
        assert_eq!(level, Level::Breaking);
        assert_eq!(text, "removed: pub fn a::S<T>::f(&self) -> u8");
    }

    #[test]
    fn a_changed_signature_breaks_and_shows_both() {
        let new = with("f(&self) -> u8", "f(&self, u16) -> u8");
        let (level, text) = one(OLD, &new);
        assert_eq!(level, Level::Breaking);
        assert_eq!(
            text,
            "changed: pub fn a::S<T>::f(&self) -> u8\n     to: pub fn a::S<T>::f(&self, u16) -> u8"
        );
    }

    #[test]
    fn changed_bounds_around_a_method_break_it() {
        let new = with("impl<T: core::marker::Sync> a::S<T>", "impl<T> a::S<T>");
        let found = changes(OLD, &new);
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found[0].1.contains("(in impl<T> a::S<T>)"), "{found:#?}");
    }

    #[test]
    fn where_bounds_stand_does_not_matter() {
        let new = with(
            "impl<T> core::marker::Send for a::S<T> where T: core::marker::Send",
            "impl<T: core::marker::Send> core::marker::Send for a::S<T>",
        );
        assert_eq!(changes(OLD, &new), []);
    }

    #[test]
    fn a_lost_auto_trait_breaks() {
        let line = "impl<T> core::marker::Send for a::S<T> where T: core::marker::Send\n";
        let (level, text) = one(OLD, &with(line, ""));
        assert_eq!(level, Level::Breaking);
        assert!(text.starts_with("removed: impl<T> core::marker::Send"));
    }

    #[test]
    fn a_new_trait_item_breaks_if_it_is_required() {
        let at = "pub fn a::Tr::given(&self)\n";
        let given = with(at, &format!("{at}    pub fn a::Tr::more(&self)\n"));
        assert_eq!(
            one(OLD, &given),
            (Level::Addition, "new: pub fn a::Tr::more(&self)".to_owned())
        );
        let required = with(
            at,
            &format!("{at}    pub fn a::Tr::more(&self)  // required\n"),
        );
        assert_eq!(
            one(OLD, &required),
            (
                Level::Breaking,
                "new, and implementations lack it: pub fn a::Tr::more(&self)".to_owned()
            )
        );
    }

    #[test]
    fn a_new_trait_may_require_what_it_likes() {
        let new = format!("{OLD}pub trait a::New\n    pub fn a::New::must(&self)  // required\n");
        let found = changes(OLD, &new);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|(level, _)| *level == Level::Addition));
    }

    #[test]
    fn a_default_may_come_but_not_go() {
        let goes = with("a::Tr::given(&self)", "a::Tr::given(&self)  // required");
        assert_eq!(one(OLD, &goes).0, Level::Breaking);
        assert_eq!(one(&goes, OLD).0, Level::Addition);
    }

    #[test]
    fn variants_of_an_exhaustive_enum_are_all_there_is() {
        let at = "    pub a::E::V  // exhaustive\n";
        let new = with(at, &format!("{at}    pub a::E::W  // exhaustive\n"));
        assert_eq!(one(OLD, &new).0, Level::Breaking);
        let open = OLD
            .replace("pub enum a::E", "#[non_exhaustive] pub enum a::E")
            .replace("  // exhaustive", "");
        let more = open.replace("pub a::E::V\n", "pub a::E::V\n    pub a::E::W\n");
        assert_eq!(one(&open, &more).0, Level::Addition);
        assert!(changes(OLD, &open)
            .iter()
            .all(|(level, _)| *level == Level::Breaking));
    }

    #[test]
    fn hiding_breaks_and_showing_does_not() {
        let shown = with("pub fn a::internal()  // hidden", "pub fn a::internal()");
        assert_eq!(one(OLD, &shown).0, Level::Addition);
        assert_eq!(one(&shown, OLD).0, Level::Breaking);
    }

    #[test]
    fn a_function_may_become_const_or_safe() {
        let constant = with("pub fn a::S<T>::f", "pub const fn a::S<T>::f");
        assert_eq!(one(OLD, &constant).0, Level::Addition);
        assert_eq!(one(&constant, OLD).0, Level::Breaking);
        let safe = with("pub unsafe fn a::S<T>::g", "pub fn a::S<T>::g");
        assert_eq!(one(OLD, &safe).0, Level::Addition);
        assert_eq!(one(&safe, OLD).0, Level::Breaking);
        // Who implements it says `unsafe fn`, which would be an error.
        let in_trait = with(
            "pub fn a::Tr::given(&self)",
            "pub unsafe fn a::Tr::given(&self)",
        );
        assert_eq!(one(&in_trait, OLD).0, Level::Breaking);
    }

    #[test]
    fn a_trait_for_every_type_breaks() {
        let new = format!("{OLD}impl<T: core::marker::Copy> a::Tr for T\n");
        assert_eq!(one(OLD, &new).0, Level::Breaking);
        let new = format!("{OLD}impl<T> a::Tr for a::S<T>\n");
        assert_eq!(one(OLD, &new).0, Level::Addition);
    }

    #[test]
    fn members_are_called_by_their_names() {
        for (head, member, key) in [
            (
                "impl<T> a::S<T>",
                "pub fn a::S<T>::f<F: Fn() -> T>(&self, F) -> b::U",
                "impl a::S<T>::f",
            ),
            (
                "impl a::Tr for (u8, fn(A) -> b::B)",
                "pub type (u8, fn(A) -> b::B)::Out = b::C",
                "impl a::Tr for (u8, fn(A) -> b::B)::Out",
            ),
            ("pub struct a::S<T>", "pub a::S::field: b::B", "a::S::field"),
            ("pub enum a::E", "pub a::E::V", "a::E::V"),
        ] {
            assert_eq!(Head::of(head).key_of(member), key, "{member}");
        }
    }
}
