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

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The module of what stands at the root of the crate.
pub(super) const ROOT: &str = "(root)";

/// What comes before the path of an item that is not an impl.
pub(crate) static QUALIFIERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:#\[.*?\] )*(?:(?:pub|const|unsafe|c|async|fn|type|struct|enum|union|trait|mod|macro|static|mut|use) )*",
    )
    .expect("the regular expression is one")
});

/// A module, or something else, at the root of the crate.
static AT_ROOT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\bkernel::(\w+)(?:::|$)").expect("the regular expression is one")
});

static LIFETIME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"'\w+(, | )?").expect("the regular expression is one"));

/// A path to a type or a trait through modules, up to its name.
static THROUGH_MODULES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(kernel(?:::[a-z]\w*)*)::([A-Z]\w*)").expect("the regular expression is one")
});

/// A line of a listing.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The line as it was listed.
    pub(super) line: String,
    /// What is the same in another listing that has the item, too: the line, with the impl that it
    /// is in, or for an impl its bounds in one order. What is not public goes by its name, for where
    /// it is is nobody's business.
    pub(super) same: String,
    /// What the item is called, the rest of its signature aside.
    pub(super) key: String,
    /// The module that the line is about, or [`ROOT`].
    pub(super) module: String,
    /// Each module at the root that the line names, or the line of the impl that it is in.
    pub(super) names: BTreeSet<String>,
    /// Whether this is the line of an impl without a trait, which only holds its members.
    pub(super) inherent: bool,
}

/// The line of an impl, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header<'a> {
    line: &'a str,
    /// The parameters, with the bounds that stand there.
    pub(crate) parameters: &'a str,
    pub(crate) trait_: Option<&'a str>,
    pub(crate) type_: &'a str,
    /// The bounds that stand behind.
    bounds: &'a str,
}

impl<'a> Header<'a> {
    /// Takes a line apart, if it is that of an impl.
    pub(crate) fn of(line: &'a str) -> Option<Self> {
        let rest = line.strip_prefix("impl")?;
        let (parameters, rest) = split(rest, " ")?;
        let parameters = match parameters {
            "" => parameters,
            _ => parameters.strip_prefix('<')?.strip_suffix('>')?,
        };
        let (rest, bounds) = split(rest, " where ").unwrap_or((rest, ""));
        let (trait_, type_) = match split(rest, " for ") {
            Some((trait_, type_)) => (Some(trait_), type_),
            None => (None, rest),
        };
        Some(Header {
            line,
            parameters,
            trait_,
            type_,
            bounds,
        })
    }

    /// What it is an impl of.
    fn subject(&self) -> String {
        match self.trait_ {
            Some(trait_) => format!("impl {trait_} for {}", self.type_),
            None => format!("impl {}", self.type_),
        }
    }

    /// The impl without its parameters' bounds, and without its lifetimes.
    pub(crate) fn key(&self) -> String {
        LIFETIME.replace_all(&self.subject(), "").replace("<>", "")
    }

    /// The impl with its bounds in one place and in one order, which mean the same in any.
    pub(crate) fn sorted(&self) -> String {
        let mut bounds = BTreeSet::new();
        let mut parameters = Vec::new();
        for parameter in all(self.parameters, ", ") {
            let name = match split(parameter, ": ") {
                Some((name, _)) if !name.starts_with("const ") => name,
                _ => parameter,
            };
            parameters.push(name);
        }
        for part in all(self.parameters, ", ").chain(all(self.bounds, ", ")) {
            match split(part, ": ") {
                Some((of, on)) if !of.starts_with("const ") => {
                    bounds.extend(all(on, " + ").map(|bound| format!("{of}: {bound}")));
                }
                _ => {}
            }
        }
        let bounds: Vec<String> = bounds.into_iter().collect();
        format!(
            "{} with {} where {}",
            self.subject(),
            parameters.join(", "),
            bounds.join(", ")
        )
    }
}

/// Splits at the first `separator` that is outside of all brackets.
fn split<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    let mut depth = 0_u32;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if depth == 0 && text[at..].starts_with(separator) {
            return Some((&text[..at], &text[at + separator.len()..]));
        }
        match c {
            '<' | '(' | '[' | '{' => depth += 1,
            // The head of an arrow.
            '>' if before == '-' => {}
            '>' | ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = c;
    }
    None
}

/// What is between the `separator`s that are outside of all brackets.
pub(crate) fn all<'a>(text: &'a str, separator: &'a str) -> impl Iterator<Item = &'a str> {
    let mut rest = Some(text).filter(|text| !text.is_empty());
    std::iter::from_fn(move || {
        let (part, behind) = match split(rest?, separator) {
            Some((part, behind)) => (part, Some(behind)),
            None => (rest?, None),
        };
        rest = behind;
        Some(part)
    })
}

/// Makes [`Item`]s of a listing's lines.
pub(super) struct Reader<'a> {
    /// The modules at the root of the crate.
    pub(super) roots: &'a BTreeSet<String>,
    /// The module that a macro belongs to, by the macro's name. All macros are at the root.
    pub(super) macros: &'a BTreeMap<String, String>,
}

impl Reader<'_> {
    pub(super) fn read(&self, lines: &[String]) -> Vec<Item> {
        let public: BTreeSet<&str> = lines
            .iter()
            .filter_map(|line| line.strip_prefix("pub mod "))
            .collect();
        let mut header: Option<Header<'_>> = None;
        let mut items = Vec::new();
        for line in lines {
            if let Some(found) = Header::of(line) {
                header = Some(found);
                items.push(Item {
                    line: line.clone(),
                    same: private_by_name(&found.sorted(), &public),
                    key: private_by_name(&found.key(), &public),
                    module: self.module_of(&found),
                    names: self.named(line),
                    inherent: found.trait_.is_none(),
                });
                continue;
            }
            let same = private_by_name(line, &public);
            let path = &line[QUALIFIERS.find(line).map_or(0, |found| found.end())..];
            let member = header.and_then(|header| {
                let name = path.strip_prefix(header.type_)?.strip_prefix("::")?;
                Some((header, name))
            });
            let item = if let Some((header, name)) = member {
                let within = private_by_name(&header.key(), &public);
                let mut names = self.named(line);
                names.extend(self.named(header.line));
                Item {
                    line: line.clone(),
                    same: format!("{within}: {same}"),
                    key: format!("{within}: {}", word(name)),
                    module: self.module_of(&header),
                    names,
                    inherent: false,
                }
            } else {
                header = None;
                let key = word(path);
                let mut names = self.named(line);
                if let Some(name) = key.strip_suffix('!') {
                    let name = name.rsplit("::").next().unwrap_or(name);
                    names.extend(self.macros.get(name).cloned());
                }
                Item {
                    line: line.clone(),
                    same,
                    key: key.to_owned(),
                    module: self.module(path),
                    names,
                    inherent: false,
                }
            };
            items.push(item);
        }
        items
    }

    /// The module of the first path in `text`.
    fn module(&self, text: &str) -> String {
        let at = text.find("kernel::").unwrap_or(text.len());
        AT_ROOT
            .captures(&text[at..])
            .filter(|found| found.get(0).is_some_and(|whole| whole.start() == 0))
            .and_then(|found| self.roots.get(&found[1]).cloned())
            .unwrap_or_else(|| ROOT.to_owned())
    }

    /// The module that an impl is about: its type's, or its trait's when the type is not of the crate.
    fn module_of(&self, header: &Header<'_>) -> String {
        match header.trait_ {
            Some(trait_) if !header.type_.contains("kernel::") => self.module(trait_),
            _ => self.module(header.type_),
        }
    }

    fn named(&self, text: &str) -> BTreeSet<String> {
        AT_ROOT
            .captures_iter(text)
            .filter_map(|found| self.roots.get(&found[1]).cloned())
            .collect()
    }
}

/// The path that `text` begins with.
fn word(text: &str) -> &str {
    let path = |c: char| c.is_alphanumeric() || "_:!".contains(c);
    let end = text.find(|c| !path(c)).unwrap_or(text.len());
    text[..end].trim_end_matches(':')
}

/// `text` with the types and traits that are in modules other than the `public` ones by name.
fn private_by_name(text: &str, public: &BTreeSet<&str>) -> String {
    THROUGH_MODULES
        .replace_all(text, |found: &Captures<'_>| {
            if &found[1] == "kernel" || public.contains(&found[1]) {
                found[0].to_owned()
            } else {
                found[2].to_owned()
            }
        })
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Item> {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        Reader {
            roots: &["alloc", "dma", "error", "io", "sync", "transmute", "time"]
                .map(str::to_owned)
                .into(),
            macros: &BTreeMap::from([("register".to_owned(), "io".to_owned())]),
        }
        .read(&lines)
    }

    #[track_caller]
    fn about(line: &str, module: &str) {
        assert_eq!(read(line)[0].module, module, "{line}");
    }

    #[test]
    fn lines_belong_to_the_module_they_are_about() {
        about("pub fn kernel::alloc::Flags::new() -> Self", "alloc");
        about("impl core::fmt::Debug for kernel::error::Error", "error");
        about(
            "impl<T> core::convert::From<kernel::alloc::AllocError> for kernel::error::Error",
            "error",
        );
        about("impl kernel::transmute::AsBytes for u8", "transmute");
        about(
            "impl<T: kernel::transmute::AsBytes + core::ops::Fn(u8) -> T> kernel::dma::Coherent<T>",
            "dma",
        );
        about("pub macro kernel::pr_info!", ROOT);
        about("pub mod kernel::sync", "sync");
        about("pub struct kernel::ThisModule(_)", ROOT);
        about(
            "pub fn kernel::ThisModule::name(&self, kernel::error::Error)",
            ROOT,
        );
        about("impl kernel::alloc::Allocator for kernel::ThisModule", ROOT);
        about(
            "pub fn kernel::sync::f(kernel::time::Jiffies) -> kernel::error::Result",
            "sync",
        );
    }

    #[test]
    fn headers_are_taken_apart() {
        let header = |line: &'static str| {
            let found = Header::of(line).unwrap();
            (found.trait_, found.type_)
        };
        assert_eq!(header("impl a::B"), (None, "a::B"));
        assert_eq!(
            header("impl<F: for<'a> Fn(&'a u8) -> u8> a::T<F> for b::U<(F, u8)> where F: a::C"),
            (Some("a::T<F>"), "b::U<(F, u8)>")
        );
        assert_eq!(
            header("impl<const N: usize> !Send for [u8; N]"),
            (Some("!Send"), "[u8; N]")
        );
        assert_eq!(Header::of("pub fn implement()"), None);
        assert_eq!(Header::of("implement"), None);
        assert_eq!(Header::of("implement it"), None);
    }

    #[test]
    fn bounds_may_stand_in_any_order() {
        let sorted = |line: &str| Header::of(line).unwrap().sorted();
        let one = sorted(
            "impl<'a, T: Copy + ?Sized, F: for<'b> Fn(&'b T, u8) -> u8, const N: usize> \
             a::T<F> for b::U<'a, T, N> where [T]: a::C<X = u8, Y = u8>, F: Clone",
        );
        let other = sorted(
            "impl<'a, T, F, const N: usize> a::T<F> for b::U<'a, T, N> where \
             F: Clone + for<'b> Fn(&'b T, u8) -> u8, T: ?Sized, [T]: a::C<X = u8, Y = u8>, T: Copy",
        );
        assert_eq!(one, other);
        assert_eq!(
            one,
            "impl a::T<F> for b::U<'a, T, N> with 'a, T, F, const N: usize where \
             F: Clone, F: for<'b> Fn(&'b T, u8) -> u8, T: ?Sized, T: Copy, [T]: a::C<X = u8, Y = u8>"
        );

        assert_ne!(
            sorted("impl<T: Send> a::T<T>"),
            sorted("impl<T: Sync> a::T<T>")
        );
        assert_ne!(sorted("impl<T> a::T<T>"), sorted("impl<T: Sync> a::T<T>"));
        assert_ne!(
            sorted("impl<const N: u8> a::T<N>"),
            sorted("impl<const N: u16> a::T<N>")
        );
    }

    #[test]
    fn members_are_about_what_their_impl_is_about() {
        let items = &read(
            "pub mod kernel::io\n\
             pub mod kernel::time\n\
             impl kernel::io::IoLoc<kernel::time::Delta> for usize\n\
             pub type usize::Unit = u8\n\
             pub const unsafe fn usize::offset(self) -> usize\n\
             pub fn kernel::sync::f()",
        )[2..];
        let seen: Vec<_> = items
            .iter()
            .map(|item| (item.key.as_str(), item.module.as_str(), item.names.len()))
            .collect();
        let within = "impl kernel::io::IoLoc<kernel::time::Delta> for usize";
        assert_eq!(
            seen,
            [
                (within, "io", 2),
                (format!("{within}: Unit").as_str(), "io", 2),
                (format!("{within}: offset").as_str(), "io", 2),
                ("kernel::sync::f", "sync", 1),
            ]
        );
        assert_eq!(
            items[1].same,
            format!("{within}: pub type usize::Unit = u8")
        );
    }

    #[test]
    fn keys_leave_the_signature_out() {
        let key = |line: &str| read(line)[0].key.clone();
        assert_eq!(key("pub fn kernel::sync::f<T, U>(T, U)"), "kernel::sync::f");
        assert_eq!(
            key("#[repr(transparent)] pub struct kernel::sync::S<T>(_)"),
            "kernel::sync::S"
        );
        assert_eq!(
            key("pub kernel::sync::Result::Woken::jiffies: u8"),
            "kernel::sync::Result::Woken::jiffies"
        );
        assert_eq!(key("pub macro kernel::register!"), "kernel::register!");
        assert_eq!(
            key("impl<'a, T: Copy> core::clone::Clone for &'a [T] where T: Copy"),
            "impl core::clone::Clone for &[T]"
        );
        assert_eq!(
            key("impl core::ops::drop::Drop for kernel::io::Region<'_>"),
            "impl core::ops::drop::Drop for Region"
        );
        assert_eq!(key("impl<'a, T> kernel::io::View<'a, T>"), "impl View<T>");
    }

    #[test]
    fn macros_belong_where_they_are_said_to() {
        let names = |line: &str| read(line)[0].names.clone();
        assert!(names("pub macro kernel::register!").contains("io"));
        assert!(names("pub macro kernel::prelude::register!").contains("io"));
        assert!(names("pub macro kernel::pr_info!").is_empty());
    }

    #[test]
    fn what_is_not_public_goes_by_its_name() {
        let items = read(
            "pub mod kernel::sync\n\
             pub const kernel::sync::Full::TYPE: kernel::sync::internal::Type\n\
             impl<T: kernel::sync::internal::Sealed> kernel::sync::Lock<T>",
        );
        assert_eq!(items[1].same, "pub const kernel::sync::Full::TYPE: Type");
        assert_eq!(
            items[2].same,
            "impl kernel::sync::Lock<T> with T where T: Sealed"
        );
        assert!(items[2].inherent);
    }
}
