// SPDX-License-Identifier: GPL-2.0

//! The crates' entries in the tree's MAINTAINERS, by which `scripts/get_maintainer.pl` knows who
//! looks after a file.
//!
//! That file is the tree's own. The crates have one region of it: the sections that are named
//! `RUST CRATE …`, one after the other. They sort right after upstream's section `RUST` and before
//! its `RUST [ALLOC]`, and whoever takes the region out gets back what was there before, byte for
//! byte.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;

use crate::flatten::{Flat, Origin};
use crate::workspace::{Dest, Package};

/// The file's path in the tree.
pub const MAINTAINERS: &str = "MAINTAINERS";

/// What the names of the crates' sections begin with.
const OURS: &str = "RUST CRATE ";

/// The section that the crates' come after.
const AFTER: &str = "RUST";

/// The crates' sections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// The sections for the crates that go into a tree.
    pub fn new(flat: &Flat) -> Self {
        let patterns = patterns(flat);
        let mut packages: Vec<&Package> = packages(flat).collect();
        // As `scripts/parse-maintainers.pl` sorts them.
        packages.sort_by_key(|package| package.name.to_uppercase());
        let mut text = String::new();
        for package in packages {
            let Some(patterns) = patterns.get(package.name.as_str()) else {
                continue;
            };
            let _ = writeln!(text, "{OURS}{}", package.name.to_uppercase());
            let mut entry = |letter: char, value: &str| {
                let _ = writeln!(text, "{letter}:\t{value}");
            };
            package.maintainers.iter().for_each(|who| entry('M', who));
            package.lists.iter().for_each(|list| entry('L', list));
            entry('S', &package.status);
            patterns.iter().for_each(|pattern| entry('F', pattern));
            text.push('\n');
        }
        Self(text)
    }

    /// The sections' bytes, with the empty line after each.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The bytes of the crates' sections in `file`; empty where it has none.
    pub fn find(file: &[u8]) -> &[u8] {
        &file[range(file).unwrap_or_default()]
    }

    /// `file` with `region` for the crates' sections; none where they have no place.
    pub fn splice(file: &[u8], region: &[u8]) -> Option<Vec<u8>> {
        let range = match range(file) {
            Some(range) => range,
            None if region.is_empty() => 0..0,
            None => {
                let place = place(file)?;
                place..place
            }
        };
        Some([&file[..range.start], region, &file[range.end..]].concat())
    }
}

fn packages(flat: &Flat) -> impl Iterator<Item = &Package> {
    flat.crates.iter().map(|flat| &flat.package)
}

/// What of `bytes`, the content of a tree's file `path`, is the crates'; none where nothing is.
pub fn own<'a>(path: &str, bytes: &'a [u8]) -> Option<&'a [u8]> {
    match path == MAINTAINERS {
        true => Some(Region::find(bytes)).filter(|region| !region.is_empty()),
        false => Some(bytes),
    }
}

/// Each crate's files, in the words of MAINTAINERS: as few patterns as cover these and no others.
fn patterns(flat: &Flat) -> BTreeMap<&str, BTreeSet<String>> {
    let owners: Vec<(&str, &str)> = flat
        .files
        .keys()
        .filter_map(|path| Some((path.as_str(), owner(flat, path)?.name.as_str())))
        .collect();
    let mut patterns: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for &(path, name) in &owners {
        // The folders above it, the topmost first. Those that the tree has anyway are not one
        // crate's, even if it is alone there for now.
        let folders = path.match_indices('/').map(|(at, _)| &path[..=at]);
        let own = folders
            .filter(|folder| may_be_owned(flat, folder))
            .find(|folder| {
                let mut below = owners.iter().filter(|(path, _)| path.starts_with(folder));
                below.all(|(_, other)| *other == name)
            });
        let pattern = own.unwrap_or(path).to_owned();
        patterns.entry(name).or_default().insert(pattern);
    }
    patterns
}

fn may_be_owned(flat: &Flat, folder: &str) -> bool {
    let is_module = folder
        .strip_prefix("rust/kernel/")
        .is_some_and(|rest| !rest.is_empty());
    let is_dest = |package: &Package| match &package.dest {
        Dest::Folder(dest) => folder.strip_prefix(dest.as_str()) == Some("/"),
        _ => false,
    };
    is_module || packages(flat).any(is_dest)
}

/// The crate whose maintainers look after the file `path` of a tree.
///
/// What is generated from many crates is looked after with the folder that it is in, or else with
/// the facade.
pub fn owner<'a>(flat: &'a Flat, path: &str) -> Option<&'a Package> {
    let by = |is: &dyn Fn(&&Package) -> bool| packages(flat).find(is);
    match flat.files.get(path)?.origin() {
        Origin::Copied { package, .. } => by(&|candidate| candidate.name == *package),
        Origin::Generated { packages } => match packages.as_slice() {
            [package] => by(&|candidate| candidate.name == *package),
            _ => by(&|candidate| match &candidate.dest {
                Dest::Folder(dest) => path
                    .strip_prefix(dest.as_str())
                    .is_some_and(|rest| rest.starts_with('/')),
                _ => false,
            })
            .or_else(|| self::packages(flat).find(|package| package.is_facade())),
        },
    }
}

/// Where the crates' sections are in `file`.
fn range(file: &[u8]) -> Option<Range<usize>> {
    let mut start = None;
    for (at, line) in lines(file) {
        let is_ours = line.starts_with(OURS.as_bytes());
        match start {
            None if is_ours && is_heading(file, at) => start = Some(at),
            Some(start) if !is_ours && !line.trim_ascii().is_empty() && !is_entry(line) => {
                return Some(start..at)
            }
            _ => {}
        }
    }
    start.map(|start| start..file.len())
}

/// Where they belong: before the first section that sorts after them.
fn place(file: &[u8]) -> Option<usize> {
    let headings: Vec<(usize, Vec<u8>)> = lines(file)
        .filter(|(at, _)| is_heading(file, *at))
        .map(|(at, line)| (at, line.trim_ascii_end().to_ascii_uppercase()))
        .collect();
    // Elsewhere in the file some are out of order.
    let after = headings
        .iter()
        .position(|(_, name)| name == AFTER.as_bytes());
    headings
        .iter()
        .skip(after.unwrap_or(0))
        .find(|(_, name)| name.as_slice() > OURS.as_bytes())
        .map(|(at, _)| *at)
}

/// The lines of `file`, each with where it begins.
fn lines(file: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    file.split_inclusive(|byte| *byte == b'\n')
        .map(move |line| {
            let start = at;
            at += line.len();
            (start, line)
        })
}

/// Whether the line at `at` names a section: alone after an empty line, and with an entry below.
fn is_heading(file: &[u8], at: usize) -> bool {
    let (before, rest) = file.split_at(at);
    let mut lines = rest.split(|byte| *byte == b'\n');
    let name = lines.next().unwrap_or_default();
    (before.is_empty() || before.ends_with(b"\n\n"))
        && !name.trim_ascii().is_empty()
        && !is_entry(name)
        && lines.next().is_some_and(is_entry)
}

/// Whether `line` is a letter, a colon and something.
fn is_entry(line: &[u8]) -> bool {
    matches!(line, [letter, b':', space, ..] if letter.is_ascii_uppercase() && space.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "List of maintainers\n===================\n\n\tM: *Mail* patches to\n\n\
        3C59X DRIVER\nM:\tA <a@example.com>\nS:\tMaintained\nF:\tdrivers/3c59x.c\n\n\
        Z OUT OF ORDER\nS:\tOrphan\n\n\
        RUST\nM:\tB <b@example.com>\nS:\tSupported\nF:\trust/\n\n\
        RUST [ALLOC]\nM:\tC <c@example.com>\nS:\tMaintained\nF:\trust/kernel/alloc/\n\n\
        THE REST\nM:\tD <d@example.com>\nS:\tBuried alive in reporters\nF:\t*\n";
    const REGION: &str =
        "RUST CRATE KERNEL\nM:\tE <e@example.com>\nS:\tSupported\nF:\trust/kernel/lib.rs\n\n\
        RUST CRATE KERNEL-SYNC\nM:\tE <e@example.com>\nS:\tSupported\nF:\trust/kernel/sync/\n\n";

    fn splice(file: &str, region: &str) -> String {
        let bytes = Region::splice(file.as_bytes(), region.as_bytes()).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn goes_in_and_out_again() {
        let with = splice(FILE, REGION);
        assert!(
            with.contains(&format!("F:\trust/\n\n{REGION}RUST [ALLOC]\n")),
            "{with}"
        );
        assert_eq!(Region::find(with.as_bytes()), REGION.as_bytes());
        assert_eq!(splice(&with, REGION), with);
        assert_eq!(splice(&with, ""), FILE);
        assert_eq!(Region::find(FILE.as_bytes()), b"");
        assert_eq!(splice(FILE, ""), FILE);
    }

    #[test]
    fn an_edit_inside_belongs_to_it_and_one_outside_does_not() {
        let with = splice(FILE, REGION);
        let edited = with.replace(
            "E <e@example.com>\nS:\tSupported\nF:\trust/kernel/sync/",
            "F <f@example.com>\nS:\tSupported\nF:\trust/kernel/sync/",
        );
        assert_ne!(Region::find(edited.as_bytes()), REGION.as_bytes());
        assert_eq!(splice(&edited, ""), FILE);
        let elsewhere = with.replace("C <c@example.com>", "G <g@example.com>");
        assert_eq!(Region::find(elsewhere.as_bytes()), REGION.as_bytes());
        assert_eq!(
            splice(&elsewhere, ""),
            FILE.replace("C <c@example.com>", "G <g@example.com>")
        );
    }

    #[test]
    fn without_a_place_there_is_none() {
        for file in ["", "nothing\n", "RUST\nS:\tSupported\n"] {
            assert_eq!(
                Region::splice(file.as_bytes(), REGION.as_bytes()),
                None,
                "{file:?}"
            );
            assert_eq!(splice(file, ""), file);
        }
        // The region at the end of a file, however it came there.
        let file = format!("A\nS:\tOrphan\n\n{}", REGION.trim_end());
        assert_eq!(splice(&file, ""), "A\nS:\tOrphan\n\n");
    }
}
