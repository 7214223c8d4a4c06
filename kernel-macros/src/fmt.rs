// SPDX-License-Identifier: GPL-2.0

//! `fmt!`: `format_args!` whose arguments are displayed by the kernel's own trait.
//!
//! Each argument is wrapped in `::kernel::fmt::Adapter`, which has core's `Display` where the
//! argument has the kernel's. Names that the format string captures become arguments for that
//! purpose. An argument that serves only as a width or a precision has to be a `usize`, and stays
//! as it is. For one that serves as both there is a second argument, of which the format string is
//! told.

use crate::{
    format_string::{mentions, Mention, Reference, Role},
    util::{error_at, name_of},
};
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned, ToTokens};
use syn::{
    ext::IdentExt,
    parse::{Parse, ParseStream},
    parse2,
    spanned::Spanned,
    Expr, LitStr, Result, Token,
};

/// The arguments of the macro.
struct Input {
    /// The format string, most often a literal.
    format: TokenStream,
    arguments: Vec<Argument>,
}

/// `expression` or `name = expression`.
struct Argument {
    name: Option<Ident>,
    value: Expr,
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let is_named =
            input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]);
        let name = if is_named {
            let name = input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            Some(name)
        } else {
            None
        };
        let value = input.parse()?;
        Ok(Argument { name, value })
    }
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.is_empty() {
            return Err(input.error("a format string is missing"));
        }
        let format = input.parse::<Expr>()?.into_token_stream();
        let mut arguments = Vec::new();
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                arguments.push(input.parse()?);
            }
        }
        Ok(Input { format, arguments })
    }
}

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let Input { format, arguments } = parse2(input)?;
    // A format string that is the result of another macro cannot be looked into. It captures no
    // names, and which of the arguments are widths can't be told.
    let literal = string_literal(format.clone());
    let mut uses = Uses::new(literal.as_ref(), &arguments);

    let mut explicit = Vec::new();
    let mut added = Vec::new();
    for (index, Argument { name, value }) in arguments.iter().enumerate() {
        let assignment = name.as_ref().map(|name| quote!(#name =));
        let adapted = adapt(value);
        let kept = match uses.roles(&Target::Explicit(index)) {
            [false, true] => quote!(#value),
            [true, true] if !can_repeat(value) => {
                return error_at(
                    value,
                    "this is formatted, and is a width or precision too: \
                     put it into a variable first",
                );
            }
            [true, true] => match uses.split(&Target::Explicit(index)) {
                (Role::Value, new) => {
                    added.push(quote!(#new = #adapted));
                    quote!(#value)
                }
                (Role::Count, new) => {
                    added.push(quote!(#new = #value));
                    adapted
                }
            },
            [_, false] => adapted,
        };
        explicit.push(quote!(#assignment #kept));
    }

    for name in uses.captured() {
        let Some(variable) = literal
            .as_ref()
            .and_then(|literal| variable(&name, literal))
        else {
            continue;
        };
        let adapted = adapt(&variable);
        let [is_value, is_count] = uses.roles(&Target::Captured(name.clone()));
        if is_value && (is_count || name == "self") {
            let new = uses.rename(&Target::Captured(name), Role::Value);
            added.push(quote!(#new = #adapted));
        } else if is_value {
            added.push(quote!(#variable = #adapted));
        }
    }

    let format = match literal {
        Some(literal) if !uses.replacements.is_empty() => {
            uses.rewrite(&literal).into_token_stream()
        }
        _ => format,
    };
    Ok(quote!(
        ::core::format_args!(#format #(, #explicit)* #(, #added)*)
    ))
}

/// Wraps an argument; errors about it are reported where it stands.
fn adapt(value: &(impl ToTokens + Spanned)) -> TokenStream {
    quote_spanned!(value.span()=> ::kernel::fmt::Adapter(&(#value)))
}

/// Whether the expression means the same when it stands twice.
fn can_repeat(value: &Expr) -> bool {
    match value {
        Expr::Path(_) | Expr::Lit(_) => true,
        Expr::Field(field) => can_repeat(&field.base),
        Expr::Group(inner) => can_repeat(&inner.expr),
        Expr::Paren(inner) => can_repeat(&inner.expr),
        _ => false,
    }
}

/// The literal, also within the invisible delimiters of a `macro_rules` variable.
fn string_literal(tokens: TokenStream) -> Option<LitStr> {
    let mut all = tokens.clone().into_iter();
    match (all.next(), all.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            string_literal(group.stream())
        }
        _ => parse2(tokens).ok(),
    }
}

/// The variable that a name in the format string stands for. It is looked up from where the string
/// stands, as `format_args!` does.
fn variable(name: &str, literal: &LitStr) -> Option<Ident> {
    let mut ident = match name {
        "self" => Ident::new(name, literal.span()),
        _ => syn::parse_str::<Ident>(name)
            .or_else(|_| syn::parse_str(&format!("r#{name}")))
            .ok()?,
    };
    ident.set_span(literal.span());
    Some(ident)
}

/// What a format string refers to.
#[derive(Clone, PartialEq, Eq)]
enum Target {
    /// An argument of the macro.
    Explicit(usize),
    /// A variable.
    Captured(String),
}

/// What the format string uses each argument for.
struct Uses {
    mentions: Vec<(Target, Mention)>,
    /// Places in the format string, and the names that are to stand there.
    replacements: Vec<(Mention, Ident)>,
    renamed: usize,
}

impl Uses {
    fn new(literal: Option<&LitStr>, arguments: &[Argument]) -> Self {
        let target = |mention: Mention| {
            let target = match &mention.reference {
                Reference::Index(index) => Target::Explicit(*index),
                Reference::Name(text) => {
                    let is_meant = |argument: &Argument| {
                        argument
                            .name
                            .as_ref()
                            .is_some_and(|name| name_of(name) == *text)
                    };
                    match arguments.iter().position(is_meant) {
                        Some(index) => Target::Explicit(index),
                        None => Target::Captured(text.clone()),
                    }
                }
            };
            (target, mention)
        };
        let text = literal.map(LitStr::value).unwrap_or_default();
        Uses {
            mentions: mentions(&text).into_iter().map(target).collect(),
            replacements: Vec::new(),
            renamed: 0,
        }
    }

    fn of<'a>(&'a self, target: &'a Target, role: Role) -> impl Iterator<Item = &'a Mention> {
        self.mentions
            .iter()
            .filter(move |(other, mention)| other == target && mention.role == role)
            .map(|(_, mention)| mention)
    }

    /// Whether it is a value, and whether it is a count.
    fn roles(&self, target: &Target) -> [bool; 2] {
        [Role::Value, Role::Count].map(|role| self.of(target, role).next().is_some())
    }

    /// The variables, each once.
    fn captured(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (target, _) in &self.mentions {
            match target {
                Target::Captured(name) if !names.contains(name) => names.push(name.clone()),
                _ => {}
            }
        }
        names
    }

    /// Gives one of the two roles of an argument a name of its own, and returns both.
    fn split(&mut self, target: &Target) -> (Role, Ident) {
        // Only one mention can lack a number or name, and only the others can be renamed.
        let role = match self
            .of(target, Role::Count)
            .any(|mention| mention.range.is_empty())
        {
            true => Role::Value,
            false => Role::Count,
        };
        (role, self.rename(target, role))
    }

    /// Gives an argument another name, for one role.
    fn rename(&mut self, target: &Target, role: Role) -> Ident {
        let new = format_ident!("__argument_{}", self.renamed);
        self.renamed += 1;
        let places: Vec<_> = self.of(target, role).cloned().collect();
        self.replacements
            .extend(places.into_iter().map(|place| (place, new.clone())));
        new
    }

    /// The format string with the new names.
    fn rewrite(&mut self, literal: &LitStr) -> LitStr {
        let mut text = literal.value();
        // From the end, so that the places further ahead stay where they are.
        self.replacements
            .sort_by_key(|(mention, _)| mention.range.start);
        for (mention, name) in self.replacements.iter().rev() {
            text.replace_range(mention.range.clone(), &name.to_string());
        }
        LitStr::new(&text, literal.span())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Group;

    fn expanded(input: TokenStream) -> String {
        expand(input).unwrap().to_string()
    }

    fn text(tokens: TokenStream) -> String {
        tokens.to_string()
    }

    #[test]
    fn wraps_every_argument() {
        assert_eq!(
            expanded(quote!("{} {name:?} {0}\n", a + f::<B, C>(1, 2), name = b)),
            text(quote!(::core::format_args!(
                "{} {name:?} {0}\n",
                ::kernel::fmt::Adapter(&(a + f::<B, C>(1, 2))),
                name = ::kernel::fmt::Adapter(&(b))
            )))
        );
        assert_eq!(
            expanded(quote!("text")),
            text(quote!(::core::format_args!("text")))
        );
        assert_eq!(
            expanded(quote!("text",)),
            text(quote!(::core::format_args!("text")))
        );
        // Comparisons are no names.
        assert!(expanded(quote!("{}", a == b)).contains("Adapter (& (a == b))"));
    }

    #[test]
    fn captures_become_arguments_once() {
        assert_eq!(
            expanded(quote!("{x} {{y}} {x:#x} {type}")),
            text(quote!(::core::format_args!(
                "{x} {{y}} {x:#x} {type}",
                x = ::kernel::fmt::Adapter(&(x)),
                r#type = ::kernel::fmt::Adapter(&(r#type))
            )))
        );
        assert_eq!(expanded(quote!("{x}", x = y)).matches("x =").count(), 1);
    }

    #[test]
    fn self_cannot_be_a_name() {
        assert_eq!(
            expanded(quote!("{{self}} {self} {self:?}")),
            text(quote!(::core::format_args!(
                "{{self}} {__argument_0} {__argument_0:?}",
                __argument_0 = ::kernel::fmt::Adapter(&(self))
            )))
        );
    }

    #[test]
    fn counts_are_not_wrapped() {
        assert_eq!(
            expanded(quote!("{:w$.p$} {:.*} {0:3$}", a, 3, f(b), 5, w = 4)),
            text(quote!(::core::format_args!(
                "{:w$.p$} {:.*} {0:3$}",
                ::kernel::fmt::Adapter(&(a)),
                3,
                ::kernel::fmt::Adapter(&(f(b))),
                5,
                w = 4
            )))
        );
    }

    #[test]
    fn what_is_both_is_given_twice() {
        assert_eq!(
            expanded(quote!("{x:x$} {:1$} {}", a, b.c)),
            text(quote!(::core::format_args!(
                "{__argument_1:x$} {:__argument_0$} {}",
                ::kernel::fmt::Adapter(&(a)),
                ::kernel::fmt::Adapter(&(b.c)),
                __argument_0 = b.c,
                __argument_1 = ::kernel::fmt::Adapter(&(x))
            )))
        );
        assert_eq!(
            expanded(quote!("{:.*} {0}", 2, a)),
            text(quote!(::core::format_args!(
                "{:.*} {__argument_0}",
                2,
                ::kernel::fmt::Adapter(&(a)),
                __argument_0 = ::kernel::fmt::Adapter(&(2))
            )))
        );
        assert!(expand(quote!("{0:0$}", f())).is_err());
    }

    #[test]
    fn looks_into_macro_variables() {
        let variable = Group::new(Delimiter::None, quote!("{x}"));
        assert!(expanded(quote!(#variable)).contains("x = :: kernel :: fmt :: Adapter"));
        let other = expanded(quote!(concat!("{", "}"), x));
        assert!(other.contains(":: kernel :: fmt :: Adapter (& (x))"));
    }

    #[test]
    fn a_format_string_is_needed() {
        assert!(expand(TokenStream::new()).is_err());
    }
}
