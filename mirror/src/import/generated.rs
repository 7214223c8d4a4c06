// SPDX-License-Identifier: GPL-2.0

//! Edits of generated files: which of them can be made in the crates' seams, and where the others
//! belong.
//!
//! A crate's part of `rust/kernel/lib.rs` is its seam's items, word for word. So lines that come or
//! go there can be made to come or go in the seam. Whether that was right is told by generating the
//! file again.

use std::collections::BTreeMap;

use similar::{DiffOp, TextDiff};

/// The tree's file that has a part for each crate.
pub(crate) const ROOT: &str = "rust/kernel/lib.rs";

/// The crate that each line of the tree's `lib.rs`, or of its MAINTAINERS, is from.
fn sections(lines: &[&str]) -> Vec<Option<String>> {
    let mut section = None;
    lines
        .iter()
        .map(|line| {
            if let Some(name) = line.strip_prefix("// From ") {
                section = name.strip_suffix('.').map(str::to_owned);
                section = section.take().filter(|name| !name.contains(' '));
            } else if let Some(name) = line.strip_prefix("RUST CRATE ") {
                // So MAINTAINERS has it.
                section = Some(name.to_lowercase());
            } else if line.starts_with("/// What `pr_*` lines") {
                section = None;
            }
            section.clone()
        })
        .collect()
}

/// A stretch of lines that is replaced by another.
struct Hunk {
    old: std::ops::Range<usize>,
    new: std::ops::Range<usize>,
}

fn hunks(before: &str, after: &str) -> Vec<Hunk> {
    let diff = TextDiff::from_lines(before, after);
    let changes = diff.ops().iter().filter(|op| !is_equal(op));
    changes
        .map(|op| Hunk {
            old: op.old_range(),
            new: op.new_range(),
        })
        .collect()
}

fn is_equal(op: &DiffOp) -> bool {
    matches!(op, DiffOp::Equal { .. })
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// The modules that the tree's `lib.rs` declares, and the crates whose part they are in.
pub(crate) fn declared(text: &str) -> BTreeMap<String, String> {
    let lines = lines(text);
    let sections = sections(&lines);
    let both = lines.into_iter().zip(sections);
    both.filter_map(|(line, section)| Some((module(line)?.to_owned(), section?)))
        .collect()
}

/// The module that a line declares.
fn module(line: &str) -> Option<&str> {
    let line = line.split("//").next()?.trim().strip_suffix(';')?;
    let (head, name) = line.rsplit_once(' ')?;
    let is_declaration = head == "mod" || (head.starts_with("pub") && head.ends_with(" mod"));
    is_declaration.then_some(name)
}

/// The seams with the changes that an edit of the tree's `lib.rs` makes to their parts; none when
/// something else was edited.
pub(crate) fn edit_seams(
    before: &str,
    after: &str,
    seams: &BTreeMap<String, String>,
) -> Option<BTreeMap<String, String>> {
    let old = lines(before);
    let new = lines(after);
    let old_sections = sections(&old);
    let new_sections = sections(&new);
    let mut edited: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut maps: BTreeMap<String, Vec<Option<usize>>> = BTreeMap::new();
    // From the end, so that what is still to come keeps its place.
    for hunk in hunks(before, after).into_iter().rev() {
        let section = match hunk.old.is_empty() {
            true => new_sections.get(hunk.new.start)?.clone()?,
            false => old_sections.get(hunk.old.start)?.clone()?,
        };
        let same = |sections: &[Option<String>], range: std::ops::Range<usize>| {
            let part = sections.get(range);
            part.is_some_and(|part| part.iter().all(|s| s.as_ref() == Some(&section)))
        };
        if !same(&old_sections, hunk.old.clone()) || !same(&new_sections, hunk.new.clone()) {
            return None;
        }
        let seam = seams.get(&section)?;
        let map = maps
            .entry(section.clone())
            .or_insert_with(|| places(&old, &old_sections, &section, seam));
        let text = edited
            .entry(section.clone())
            .or_insert_with(|| seam.lines().map(str::to_owned).collect());
        let (start, end) = target(&old, map, &lines(seam), &hunk)?;
        if start > end || end > text.len() {
            return None;
        }
        let lines = new[hunk.new.clone()].iter().map(|line| line.to_string());
        text.splice(start..end, lines);
    }
    let whole = |lines: Vec<String>| lines.into_iter().map(|line| line + "\n").collect();
    Some(
        edited
            .into_iter()
            .map(|(name, lines)| (name, whole(lines)))
            .collect(),
    )
}

/// For each line of the tree's `lib.rs`, the line of this crate's seam that it is a copy of. Blank
/// lines are between others, and have no place of their own.
fn places(
    lines: &[&str],
    sections: &[Option<String>],
    section: &str,
    seam: &str,
) -> Vec<Option<usize>> {
    let seam: Vec<_> = seam.lines().collect();
    let mut next = 0;
    let own = |at: usize| sections[at].as_deref() == Some(section);
    lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            if !own(at) || line.is_empty() {
                return None;
            }
            let rest = seam.get(next..)?;
            let found = next
                + rest
                    .iter()
                    .position(|other| other.trim_end() == line.trim_end())?;
            next = found + 1;
            Some(found)
        })
        .collect()
}

/// The lines of the seam that a hunk replaces.
fn target(
    old: &[&str],
    map: &[Option<usize>],
    seam: &[&str],
    hunk: &Hunk,
) -> Option<(usize, usize)> {
    let removed: Vec<usize> = hunk.old.clone().filter_map(|at| map[at]).collect();
    let text = hunk.old.clone().filter(|&at| !old[at].is_empty()).count();
    if removed.len() != text {
        return None;
    }
    if let (Some(&first), Some(&last)) = (removed.first(), removed.last()) {
        // Blank lines at either end go with the text, as they do in the tree; where the seam has
        // none at that end, it has one at the other.
        let (mut start, mut end) = (first, last + 1);
        let is_blank = |at: usize| seam.get(at).is_some_and(|line| line.is_empty());
        let above = usize::from(old[hunk.old.start].is_empty());
        let below = usize::from(old[hunk.old.end - 1].is_empty());
        for _ in 0..below {
            match is_blank(end) {
                true => end += 1,
                false => start -= usize::from(start > 0 && is_blank(start - 1)),
            }
        }
        for _ in 0..above {
            match start > 0 && is_blank(start - 1) {
                true => start -= 1,
                false => end += usize::from(is_blank(end)),
            }
        }
        return Some((start, end));
    }
    // Nothing but blank lines, if anything, is replaced: it is a matter of what is around.
    let above = map[..hunk.old.start].iter().rev().find_map(|place| *place);
    let below = map.get(hunk.old.end..)?.iter().find_map(|place| *place);
    let blank = hunk.old.len();
    match (above, below) {
        (Some(above), _) if hunk.old.start > 0 && map[hunk.old.start - 1].is_some() => {
            Some((above + 1, above + 1 + blank))
        }
        (_, Some(below)) => Some((below.checked_sub(blank)?, below)),
        (Some(above), None) => Some((above + 1, above + 1)),
        (None, None) => None,
    }
}

/// A source that goes into a generated file: its name in the workspace, and its text.
pub(crate) type Source = (String, String);

/// Where an edit of a generated file belongs, and the first line of it: `kernel-x/src/lib.rs, line
/// 14` where the line can be found, or all the sources.
pub(crate) fn locate(before: &str, after: &str, sources: &[Source]) -> (Vec<String>, String) {
    let old = lines(before);
    let new = lines(after);
    let sections = sections(&old);
    let mut places = Vec::new();
    let mut first = String::new();
    for hunk in hunks(before, after) {
        if first.is_empty() {
            first = match new.get(hunk.new.clone()).and_then(<[&str]>::first) {
                Some(line) if !hunk.new.is_empty() => format!("+{line}"),
                _ => format!("-{}", old.get(hunk.old.start).copied().unwrap_or_default()),
            };
        }
        // The line that goes, or those around what comes.
        let start = hunk.old.start;
        let near = hunk
            .old
            .clone()
            .chain((0..start).rev().take(3))
            .chain(hunk.old.end..old.len());
        let near = near.take(hunk.old.len() + 6);
        let place = near.into_iter().find_map(|at| {
            let line = old.get(at).filter(|line| line.trim().len() > 3)?;
            let crate_name = sections.get(at).cloned().flatten();
            find(line, crate_name.as_deref(), sources)
        });
        places.extend(place);
    }
    places.dedup();
    places.truncate(3);
    if places.is_empty() {
        places = sources.iter().map(|(name, _)| name.clone()).collect();
        places.truncate(8);
    }
    (places, first)
}

fn find(line: &str, package: Option<&str>, sources: &[Source]) -> Option<String> {
    let line = line.trim();
    // What heads the file is documentation, and comes from a README.
    let line = line.strip_prefix("//!").map_or(line, str::trim);
    let of_package =
        |name: &str| package.is_none_or(|package| name.split('/').any(|part| part == package));
    let found = sources
        .iter()
        .filter(|(name, _)| of_package(name))
        .find_map(|(name, text)| {
            let at = text.lines().position(|other| other.trim() == line)?;
            Some(format!("{name}, line {}", at + 1))
        });
    if found.is_some() || package.is_none() {
        return found;
    }
    let (name, _) = sources.iter().find(|(name, _)| of_package(name))?;
    Some(name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "#![no_std]\n\n// From kernel-core.\n\npub mod a;\npub mod b;\n\npub use a::X;\n\n\
                       // From kernel-sync.\n\npub mod s;\n\n// From all of them.\n\npub mod prelude;\n\n\
                       /// What `pr_*` lines of this crate begin with.\nconst X: u8 = 0;\n";
    const CORE: &str =
        "//! Core.\n#![no_std]\n\nextern crate self as kernel;\n\npub mod a;\npub mod b;\n\n\
                        pub use a::X;\n";
    const SYNC: &str = "//! Sync.\n\npub mod s;\n\npub mod prelude {\n}\n";

    fn seams() -> BTreeMap<String, String> {
        [("kernel-core", CORE), ("kernel-sync", SYNC)]
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into()
    }

    fn edit(from: &str, to: &str) -> Option<BTreeMap<String, String>> {
        assert!(LIB.contains(from));
        edit_seams(LIB, &LIB.replacen(from, to, 1), &seams())
    }

    #[test]
    fn lines_come_and_go_in_the_seam() {
        let edited = edit("pub mod b;\n", "pub mod b;\npub mod c;\n").unwrap();
        assert_eq!(
            edited["kernel-core"],
            CORE.replace("mod b;\n", "mod b;\npub mod c;\n")
        );
        let edited = edit("pub mod s;\n", "pub mod r;\npub mod s;\n").unwrap();
        assert_eq!(
            edited["kernel-sync"],
            SYNC.replace("pub mod s", "pub mod r;\npub mod s")
        );
        let edited = edit("pub mod a;\n", "").unwrap();
        assert_eq!(edited["kernel-core"], CORE.replace("pub mod a;\n", ""));
        let edited = edit("\npub use a::X;\n", "").unwrap();
        assert_eq!(edited["kernel-core"], CORE.replace("\npub use a::X;\n", ""));
        let edited = edit("pub use a::X", "/// Why.\npub use a::{X, Y}").unwrap();
        assert_eq!(
            edited["kernel-core"],
            CORE.replace("pub use a::X", "/// Why.\npub use a::{X, Y}")
        );
    }

    #[test]
    fn what_is_no_crates_part_is_left_alone() {
        assert_eq!(edit("#![no_std]\n", "#![no_std]\n#![feature(x)]\n"), None);
        assert_eq!(edit("const X: u8 = 0", "const X: u8 = 1"), None);
        assert_eq!(edit("pub mod prelude;\n", ""), None);
        assert_eq!(edit("// From kernel-core.\n", "// From kernel-x.\n"), None);
    }

    #[test]
    fn finds_the_modules_and_the_places() {
        let after = LIB.replace(
            "pub mod s;",
            "pub mod s;\n#[doc(hidden)]\npub(crate) mod t; // why",
        );
        let modules = [("a", "core"), ("b", "core"), ("s", "sync"), ("t", "sync")];
        let modules = modules.map(|(name, package)| (name.to_owned(), format!("kernel-{package}")));
        assert_eq!(declared(&after), BTreeMap::from(modules));

        let sources = [
            ("kernel-core/src/lib.rs".to_owned(), CORE.to_owned()),
            ("kernel-sync/src/lib.rs".to_owned(), SYNC.to_owned()),
        ];
        let (places, line) = locate(LIB, &after, &sources);
        assert_eq!(places, ["kernel-sync/src/lib.rs, line 3"]);
        assert_eq!(line, "+#[doc(hidden)]");
    }

    proptest::proptest! {
        /// Whatever is done to the tree's `lib.rs`, it is made in the seams or refused.
        #[test]
        fn takes_anything(
            cuts in proptest::collection::vec((0usize..22, 0usize..3, "(|\n|pub mod x;\n|// From kernel-sync.\n|\n\ny\n)"), 0..4),
        ) {
            let mut lines: Vec<String> = LIB.split_inclusive('\n').map(str::to_owned).collect();
            for (at, count, new) in cuts {
                let at = at.min(lines.len());
                let end = (at + count).min(lines.len());
                lines.splice(at..end, [new]);
            }
            let after = lines.concat();
            edit_seams(LIB, &after, &seams());
            locate(LIB, &after, &[("kernel-core/src/lib.rs".to_owned(), CORE.to_owned())]);
        }
    }
}
