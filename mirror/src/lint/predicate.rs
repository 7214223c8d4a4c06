// SPDX-License-Identifier: GPL-2.0

//! The predicates of `cfg`, and whether anything makes them true.

use std::collections::BTreeSet;
use std::fmt;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Expr, ExprLit, Lit};

/// More names than this in one predicate, and it is taken for possible.
const MAX_ATOMS: usize = 12;

/// What a `cfg` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Predicate {
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    Always(bool),
    Atom(Atom),
}

/// A name, or a name with a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Atom {
    pub(super) name: String,
    pub(super) value: Option<String>,
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} = \"{value}\"", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, name: &str, parts: &[Self]| {
            write!(f, "{name}(")?;
            for (at, part) in parts.iter().enumerate() {
                write!(f, "{}{part}", if at == 0 { "" } else { ", " })?;
            }
            f.write_str(")")
        };
        match self {
            Self::All(parts) => list(f, "all", parts),
            Self::Any(parts) => list(f, "any", parts),
            Self::Not(part) => write!(f, "not({part})"),
            Self::Always(value) => write!(f, "{value}"),
            Self::Atom(atom) => write!(f, "{atom}"),
        }
    }
}

impl Predicate {
    /// Reads what stands between the parentheses of a `cfg`; none for what is no predicate, such as
    /// the stand-in for one in a macro.
    pub(super) fn parse(tokens: TokenStream) -> Option<Self> {
        let mut parts = Self::list(tokens)?;
        match parts.len() {
            1 => parts.pop(),
            _ => None,
        }
    }

    /// Reads predicates with commas between them.
    fn list(tokens: TokenStream) -> Option<Vec<Self>> {
        split(tokens).into_iter().map(Self::one).collect()
    }

    fn one(tokens: Vec<TokenTree>) -> Option<Self> {
        match tokens.as_slice() {
            [TokenTree::Ident(name)] => Some(match name.to_string().as_str() {
                "true" => Self::Always(true),
                "false" => Self::Always(false),
                name => Self::Atom(Atom {
                    name: name.to_owned(),
                    value: None,
                }),
            }),
            [TokenTree::Ident(name), TokenTree::Group(group)]
                if group.delimiter() == Delimiter::Parenthesis =>
            {
                let mut parts = Self::list(group.stream())?;
                match name.to_string().as_str() {
                    "all" => Some(Self::All(parts)),
                    "any" => Some(Self::Any(parts)),
                    "not" if parts.len() == 1 => Some(Self::Not(Box::new(parts.pop()?))),
                    _ => None,
                }
            }
            [TokenTree::Ident(name), TokenTree::Punct(equals), TokenTree::Literal(value)]
                if equals.as_char() == '=' =>
            {
                let value = TokenTree::Literal(value.clone());
                let value = syn::parse2(TokenStream::from(value)).ok()?;
                let Expr::Lit(ExprLit {
                    lit: Lit::Str(value),
                    ..
                }) = value
                else {
                    return None;
                };
                Some(Self::Atom(Atom {
                    name: name.to_string(),
                    value: Some(value.value()),
                }))
            }
            _ => None,
        }
    }

    /// All names in it.
    pub(super) fn atoms(&self) -> BTreeSet<&Atom> {
        let mut atoms = BTreeSet::new();
        self.collect(&mut atoms);
        atoms
    }

    fn collect<'a>(&'a self, atoms: &mut BTreeSet<&'a Atom>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.collect(atoms);
                }
            }
            Self::Not(part) => part.collect(atoms),
            Self::Always(_) => {}
            Self::Atom(atom) => {
                atoms.insert(atom);
            }
        }
    }

    /// Whether something makes it true while the names in `fixed` have these values.
    pub(super) fn is_possible(&self, fixed: &[(&str, bool)]) -> bool {
        let atoms: Vec<&Atom> = self.atoms().into_iter().collect();
        if atoms.len() > MAX_ATOMS {
            return true;
        }
        (0..1_u32 << atoms.len()).any(|bits| {
            let set: Vec<&Atom> = atoms
                .iter()
                .enumerate()
                .filter(|(at, _)| bits & (1 << at) != 0)
                .map(|(_, atom)| *atom)
                .collect();
            let as_fixed = fixed.iter().all(|(name, value)| {
                let mut named = atoms.iter().filter(|atom| atom.name == *name);
                named.all(|atom| set.contains(atom) == *value)
            });
            as_fixed && is_consistent(&set, &atoms) && self.holds(&set)
        })
    }

    fn holds(&self, set: &[&Atom]) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(set)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(set)),
            Self::Not(part) => !part.holds(set),
            Self::Always(value) => *value,
            Self::Atom(atom) => set.contains(&atom),
        }
    }
}

/// Whether these, and no others of `all`, can be set together.
fn is_consistent(set: &[&Atom], all: &[&Atom]) -> bool {
    set.iter().all(|atom| {
        let Some(value) = &atom.value else {
            return true;
        };
        // What has one value has no other.
        let is_single = atom.name.starts_with("CONFIG_")
            || matches!(
                atom.name.as_str(),
                "panic" | "target_arch" | "target_endian" | "target_os" | "target_pointer_width"
            );
        let mut others = set.iter().filter(|other| other.name == atom.name);
        let other_value = others.any(|other| other.value.as_ref().is_some_and(|it| it != value));
        // An option with a value is set.
        let bare = |other: &&&Atom| other.name == atom.name && other.value.is_none();
        let is_bare = all.iter().find(bare).is_none_or(|bare| set.contains(bare));
        !(is_single && other_value) && (!atom.name.starts_with("CONFIG_") || is_bare)
    })
}

/// The parts between commas.
pub(super) fn split(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => parts.push(Vec::new()),
            _ => parts
                .last_mut()
                .into_iter()
                .for_each(|part| part.push(token.clone())),
        }
    }
    if parts.last().is_some_and(Vec::is_empty) {
        parts.pop();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Predicate {
        Predicate::parse(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn reads_and_writes_predicates() {
        for text in [
            "all()",
            "any(CONFIG_A, not(CONFIG_B = \"m\"))",
            "all(not(any(a, b)), target_arch = \"x86\")",
            "false",
        ] {
            assert_eq!(parse(text).to_string(), text);
        }
        for text in [
            "",
            "#condition",
            "a, b",
            "a(b)",
            "not(a, b)",
            "a = 1",
            "$($t)*",
        ] {
            assert_eq!(Predicate::parse(text.parse().unwrap()), None, "{text}");
        }
    }

    #[test]
    fn finds_what_is_never_true() {
        for text in [
            "any()",
            "not(all())",
            "all(CONFIG_A, not(CONFIG_A))",
            "all(any(a, b), not(a), not(b))",
            "not(any(a, not(a)))",
            "all(CONFIG_A = \"y\", CONFIG_A = \"m\")",
            "all(CONFIG_A = \"y\", not(CONFIG_A))",
            "all(target_arch = \"arm\", target_arch = \"x86\")",
        ] {
            assert!(!parse(text).is_possible(&[]), "{text}");
        }
        for text in [
            "all()",
            "all(CONFIG_A, not(CONFIG_B))",
            "all(target_feature = \"a\", target_feature = \"b\")",
            "all(CONFIG_A, not(CONFIG_A = \"y\"))",
        ] {
            assert!(parse(text).is_possible(&[]), "{text}");
        }
        assert!(!parse("all(cargo, a)").is_possible(&[("cargo", false)]));
        assert!(!parse("not(cargo)").is_possible(&[("cargo", true)]));
        assert!(parse("any(cargo, a)").is_possible(&[("cargo", false)]));
    }
}
