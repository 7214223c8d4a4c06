// SPDX-License-Identifier: GPL-2.0

//! Two listings side by side.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::listing::Item;

/// Why lines are not as 7.2 has them.
#[derive(Debug)]
pub(super) struct Explanation {
    /// Which of 7.2's lines.
    pub(super) theirs: Regex,
    /// What ours has in their place; nothing without it.
    pub(super) ours: Option<Regex>,
    pub(super) reason: String,
}

impl Explanation {
    /// Whether this is about a line, given ours of the same name.
    fn explains(&self, theirs: &str, ours: Option<&str>) -> bool {
        let instead = match (&self.ours, ours) {
            (Some(regex), Some(ours)) => regex.is_match(ours),
            (None, None) => true,
            _ => false,
        };
        instead && self.theirs.is_match(theirs)
    }
}

/// How the lines about one module compare.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) same: usize,
    /// Ours does not have these.
    pub(super) missing: Vec<String>,
    /// Of one name, with another signature: 7.2's and ours.
    pub(super) different: Vec<(String, String)>,
    /// By the explanation's place in the list.
    pub(super) explained: BTreeMap<usize, usize>,
    /// What ours cannot have yet, by a module that it takes.
    pub(super) later: BTreeMap<String, Vec<String>>,
    /// 7.2 does not have these.
    pub(super) ours_alone: Vec<String>,
}

impl Compared {
    /// How many of 7.2's lines were compared.
    pub(super) fn theirs(&self) -> usize {
        let explained: usize = self.explained.values().sum();
        let later: usize = self.later.values().map(Vec::len).sum();
        self.same + self.missing.len() + self.different.len() + explained + later
    }
}

/// Compares two listings, module by module.
///
/// What ours lacks may wait for a module that it names when that one is not in `exists`.
pub(super) fn compare(
    theirs: Vec<Item>,
    ours: Vec<Item>,
    exists: &BTreeSet<String>,
    explanations: &[Explanation],
) -> BTreeMap<String, Compared> {
    let mut modules: BTreeMap<String, Compared> = BTreeMap::new();
    let inherent: BTreeSet<String> = ours
        .iter()
        .filter(|item| item.inherent)
        .map(|item| item.same.clone())
        .collect();
    let mut left: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for item in ours {
        left.entry(item.same.clone()).or_default().push(item);
    }

    let mut unlike = Vec::new();
    for item in theirs {
        let found = left.get_mut(&item.same).and_then(Vec::pop).is_some();
        // How many blocks hold the members is all the same to who uses them.
        if found || item.inherent && inherent.contains(&item.same) {
            modules.entry(item.module).or_default().same += 1;
        } else {
            unlike.push(item);
        }
    }

    let mut left: Vec<Item> = left.into_values().flatten().collect();
    for item in unlike {
        let compared = modules.entry(item.module).or_default();
        let instead = left.iter().position(|ours| ours.key == item.key);
        let instead = instead.map(|at| left.remove(at).line);
        let explanation = explanations
            .iter()
            .position(|one| one.explains(&item.line, instead.as_deref()));
        if let Some(explanation) = explanation {
            *compared.explained.entry(explanation).or_default() += 1;
        } else if let Some(instead) = instead {
            compared.different.push((item.line, instead));
        } else if let Some(name) = item.names.difference(exists).next() {
            let later = compared.later.entry(name.clone()).or_default();
            later.push(item.line);
        } else {
            compared.missing.push(item.line);
        }
    }
    for item in left {
        let compared = modules.entry(item.module).or_default();
        compared.ours_alone.push(item.line);
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::super::listing::Reader;
    use super::*;

    /// Compares with modules `a` and `b` there, and `c` not.
    fn compared(
        theirs: &str,
        ours: &str,
        explanations: &[Explanation],
    ) -> BTreeMap<String, Compared> {
        let read = |text: &str| {
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            Reader {
                roots: &["a", "b", "c"].map(str::to_owned).into(),
                macros: &BTreeMap::from([("late".to_owned(), "c".to_owned())]),
            }
            .read(&lines)
        };
        let exists = ["a", "b", "(root)"].map(str::to_owned).into();
        compare(read(theirs), read(ours), &exists, explanations)
    }

    fn explanation(theirs: &str, ours: Option<&str>) -> Explanation {
        let whole = |regex: &str| Regex::new(&format!("^(?:{regex})$")).unwrap();
        Explanation {
            theirs: whole(theirs),
            ours: ours.map(whole),
            reason: "a reason".to_owned(),
        }
    }

    #[test]
    fn lines_are_same_missing_different_or_ours_alone() {
        let modules = compared(
            "pub fn kernel::a::f()\npub fn kernel::a::g(u8)\npub fn kernel::a::h()",
            "pub fn kernel::a::f()\npub fn kernel::a::g(u16)\npub fn kernel::a::k()",
            &[],
        );
        let found = &modules["a"];
        assert_eq!(found.same, 1);
        assert_eq!(found.missing, ["pub fn kernel::a::h()"]);
        assert_eq!(
            found.different,
            [(
                "pub fn kernel::a::g(u8)".to_owned(),
                "pub fn kernel::a::g(u16)".to_owned()
            )]
        );
        assert_eq!(found.ours_alone, ["pub fn kernel::a::k()"]);
        assert_eq!(found.theirs(), 3);
    }

    #[test]
    fn each_listing_of_a_line_counts() {
        let twice = "pub fn kernel::a::f()\npub fn kernel::a::f()";
        let found = &compared(twice, "pub fn kernel::a::f()", &[])["a"];
        assert_eq!((found.same, found.missing.len()), (1, 1));
    }

    #[test]
    fn what_names_a_module_that_does_not_exist_is_for_later() {
        let modules = compared(
            "impl kernel::c::Timer for kernel::a::A\n\
             pub fn kernel::a::A::start(&self)\n\
             impl core::clone::Clone for kernel::a::A\n\
             pub fn kernel::a::A::clone(&self) -> Self\n\
             pub macro kernel::late!\n\
             pub macro kernel::early!\n\
             pub fn kernel::a::f(kernel::c::C)",
            "",
            &[],
        );
        assert_eq!(
            modules["a"].later["c"],
            [
                "impl kernel::c::Timer for kernel::a::A",
                "pub fn kernel::a::A::start(&self)",
                "pub fn kernel::a::f(kernel::c::C)"
            ]
        );
        assert_eq!(
            modules["a"].missing,
            [
                "impl core::clone::Clone for kernel::a::A",
                "pub fn kernel::a::A::clone(&self) -> Self"
            ]
        );
        assert_eq!(modules["(root)"].later["c"], ["pub macro kernel::late!"]);
        assert_eq!(modules["(root)"].missing, ["pub macro kernel::early!"]);
    }

    #[test]
    fn what_is_there_with_another_signature_is_not_for_later() {
        let found = &compared(
            "pub fn kernel::a::f(kernel::c::C)",
            "pub fn kernel::a::f(u8)",
            &[],
        )["a"];
        assert_eq!((found.different.len(), found.later.len()), (1, 0));
    }

    #[test]
    fn a_member_of_one_impl_is_not_that_of_another() {
        let found = &compared(
            "impl core::convert::From<u8> for kernel::a::A\n\
             pub fn kernel::a::A::from(u8) -> Self\n\
             pub type kernel::a::A::Output = u8\n\
             impl core::convert::From<u16> for kernel::a::A\n\
             pub fn kernel::a::A::from(u16) -> Self",
            "impl core::convert::From<u8> for kernel::a::A\n\
             pub fn kernel::a::A::from(u8) -> Self\n\
             impl core::convert::From<u32> for kernel::a::A\n\
             pub fn kernel::a::A::from(u32) -> Self\n\
             pub type kernel::a::A::Output = u8",
            &[],
        )["a"];
        assert_eq!(found.same, 2);
        assert_eq!(
            found.missing,
            [
                "pub type kernel::a::A::Output = u8",
                "impl core::convert::From<u16> for kernel::a::A",
                "pub fn kernel::a::A::from(u16) -> Self"
            ]
        );
        assert_eq!(found.ours_alone.len(), 3);
    }

    #[test]
    fn methods_may_be_in_fewer_blocks() {
        let theirs = "impl kernel::a::A\npub fn kernel::a::A::f()\n\
                      impl kernel::a::A\npub fn kernel::a::A::g()";
        let ours = "impl kernel::a::A\npub fn kernel::a::A::f()\npub fn kernel::a::A::g()";
        let found = &compared(theirs, ours, &[])["a"];
        assert_eq!((found.same, found.missing.len()), (4, 0));
    }

    #[test]
    fn an_explanation_says_what_there_is_instead() {
        let theirs = "pub fn kernel::a::f(kernel::c::C)\npub fn kernel::a::g()";
        let why = [
            explanation(r".*::f\(kernel::c::C\)", Some(r".*::f\(u8\)")),
            explanation(r".*::g\(\)", None),
        ];

        let found = &compared(theirs, "pub fn kernel::a::f(u8)", &why)["a"];
        assert_eq!(found.explained, BTreeMap::from([(0, 1), (1, 1)]));
        assert!(found.ours_alone.is_empty());

        let ours = "pub fn kernel::a::f(u16)\npub unsafe fn kernel::a::g()";
        let found = &compared(theirs, ours, &why)["a"];
        assert_eq!((found.explained.len(), found.different.len()), (0, 2));
    }
}
