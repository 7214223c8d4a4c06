// SPDX-License-Identifier: GPL-2.0

//! `paste!`: identifiers made out of pieces.

use crate::util::{error_at, is_path_separator, is_punct, name_of};
use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use syn::{ext::IdentExt, parse::Parser, Error, Lit, Result};

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let tokens: Vec<TokenTree> = input.into_iter().collect();
    let mut output: Vec<TokenTree> = Vec::with_capacity(tokens.len());
    for (index, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            output.push(token.clone());
            continue;
        };
        if let Some(pieces) = pieces_of(group) {
            output.push(TokenTree::Ident(join(group, &pieces)?));
            continue;
        }
        let content = expand(group.stream())?;
        match group.delimiter() {
            Delimiter::None => {
                let [before, last] = match output.as_slice() {
                    [.., before, last] => [Some(before), Some(last)],
                    _ => [None, None],
                };
                let follows_path = is_path_separator(before, last);
                let begins_path = is_path_separator(tokens.get(index + 1), tokens.get(index + 2));
                let content = regroup(group, content);
                push_variable(&mut output, content, follows_path, begins_path);
            }
            _ => output.push(TokenTree::Group(regroup(group, content))),
        }
    }
    Ok(output.into_iter().collect())
}

/// The same delimiters around something else.
fn regroup(group: &Group, content: TokenStream) -> Group {
    let mut new = Group::new(group.delimiter(), content);
    new.set_span(group.span());
    new
}

/// Puts out what a `macro_rules` variable stands for.
///
/// The compiler keeps it together with invisible delimiters. In an ordinary macro it knows what
/// to do with them in a path, such as `$type::MAX`; in the output of a procedural macro it does
/// not, so they are taken away there.
fn push_variable(output: &mut Vec<TokenTree>, group: Group, follows_path: bool, begins_path: bool) {
    let is_plain_path = |token: TokenTree| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    };
    if follows_path || (begins_path && group.stream().into_iter().all(is_plain_path)) {
        output.extend(group.stream());
    } else if begins_path {
        let angle = |character| {
            let mut punct = Punct::new(character, Spacing::Alone);
            punct.set_span(group.span());
            TokenTree::Punct(punct)
        };
        output.push(angle('<'));
        output.push(TokenTree::Group(group.clone()));
        output.push(angle('>'));
    } else {
        output.push(TokenTree::Group(group));
    }
}

/// What stands in `[< … >]`, or nothing if the group is something else.
///
/// An array of a type such as `[<T as Trait>::Of<u8>]` looks similar; a `::` or another angle
/// bracket between the outer ones gives it away.
fn pieces_of(group: &Group) -> Option<Vec<TokenTree>> {
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let (first, rest) = tokens.split_first()?;
    let (last, inner) = rest.split_last()?;
    if !is_punct(Some(first), '<') || !is_punct(Some(last), '>') {
        return None;
    }
    let is_angle = |token: &TokenTree| is_punct(Some(token), '<') || is_punct(Some(token), '>');
    let is_path = |pair: &[TokenTree]| is_path_separator(pair.first(), pair.get(1));
    if inner.iter().any(is_angle) || inner.windows(2).any(is_path) {
        return None;
    }
    let mut flat = Vec::new();
    flatten(inner.iter().cloned(), &mut flat);
    Some(flat)
}

/// Takes away the invisible delimiters around what `macro_rules` variables stand for.
fn flatten(tokens: impl IntoIterator<Item = TokenTree>, flat: &mut Vec<TokenTree>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                flatten(group.stream(), flat);
            }
            token => flat.push(token),
        }
    }
}

/// Makes the identifier.
fn join(group: &Group, pieces: &[TokenTree]) -> Result<Ident> {
    let mut name = String::new();
    let mut first_span = None;
    let mut chosen_span = None;

    let mut tokens = pieces.iter().peekable();
    while let Some(token) = tokens.next() {
        let mut text = text_of(token)?;
        first_span = first_span.or(Some(token.span()));
        while let Some(colon) = tokens.next_if(|next| is_punct(Some(next), ':')) {
            match tokens.next() {
                Some(TokenTree::Ident(modifier)) if *modifier == "span" => {
                    if chosen_span.replace(token.span()).is_some() {
                        return error_at(modifier, "`:span` stands twice in this identifier");
                    }
                }
                Some(TokenTree::Ident(modifier)) => text = modify(modifier, &text)?,
                Some(other) => return error_at(other, "a modifier is an identifier"),
                None => return error_at(colon, "a modifier follows the colon"),
            }
        }
        name.push_str(&text);
    }

    let whole = group.span();
    if name.is_empty() {
        return Err(Error::new(whole, "no pieces to make an identifier of"));
    }
    let parsed = Ident::parse_any.parse_str(&name);
    let mut ident =
        parsed.map_err(|_| Error::new(whole, format_args!("`{name}` is not an identifier")))?;
    ident.set_span(chosen_span.or(first_span).unwrap_or_else(Span::call_site));
    Ok(ident)
}

/// The text of one piece.
fn text_of(token: &TokenTree) -> Result<String> {
    match token {
        TokenTree::Ident(ident) => Ok(name_of(ident)),
        TokenTree::Literal(literal) => match Lit::new(literal.clone()) {
            Lit::Str(text) => Ok(text.value()),
            Lit::Char(character) => Ok(character.value().to_string()),
            Lit::Int(number) => Ok(number.to_string()),
            _ => error_at(
                token,
                "of the literals only strings, characters and integers can be part of an identifier",
            ),
        },
        _ => error_at(token, "this cannot be part of an identifier"),
    }
}

/// Applies a modifier other than `:span`.
fn modify(modifier: &Ident, text: &str) -> Result<String> {
    match modifier.to_string().as_str() {
        "lower" => Ok(text.to_lowercase()),
        "upper" => Ok(text.to_uppercase()),
        "snake" => Ok(snake(text)),
        "camel" => Ok(camel(text)),
        _ => error_at(
            modifier,
            format_args!(
                "unknown modifier `{modifier}`: there are `lower`, `upper`, `snake`, `camel` and `span`"
            ),
        ),
    }
}

/// `FooBar` to `foo_bar`: an underscore before each capital that follows something else.
fn snake(text: &str) -> String {
    let mut new = String::with_capacity(text.len() + 4);
    let mut previous = '_';
    for character in text.chars() {
        if character.is_uppercase() && previous != '_' && !previous.is_uppercase() {
            new.push('_');
        }
        new.extend(character.to_lowercase());
        previous = character;
    }
    new
}

/// `foo_bar` or `FOO_BAR` to `FooBar`; `FooBar` stays.
fn camel(text: &str) -> String {
    let mut new = String::with_capacity(text.len());
    let mut previous = '_';
    for character in text.chars() {
        if character == '_' {
            // Only separates words.
        } else if previous == '_' {
            new.extend(character.to_uppercase());
        } else if previous.is_uppercase() {
            new.extend(character.to_lowercase());
        } else {
            new.push(character);
        }
        previous = character;
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn pasted(input: TokenStream) -> String {
        expand(input).unwrap().to_string()
    }

    fn error(input: TokenStream) -> String {
        expand(input).unwrap_err().to_string()
    }

    /// What a `macro_rules` variable turns into.
    fn variable(content: TokenStream) -> Group {
        Group::new(Delimiter::None, content)
    }

    #[test]
    fn joins_pieces() {
        assert_eq!(pasted(quote!([<a b>])), "ab");
        assert_eq!(pasted(quote!([<set_ x>])), "set_x");
        assert_eq!(pasted(quote!([<reg 3 "_t" 'x'>])), "reg3_tx");
        assert_eq!(pasted(quote!([<r#type _id>])), "type_id");
        assert_eq!(pasted(quote!([<_ x _>])), "_x_");
    }

    #[test]
    fn finds_them_in_nested_groups() {
        let code = pasted(quote!(fn [<f g>]() { match x { [<A B>] => ([<c d>], [1; 2]), } }));
        assert_eq!(
            code,
            quote!(
                fn fg() {
                    match x {
                        AB => (cd, [1; 2]),
                    }
                }
            )
            .to_string()
        );
    }

    #[test]
    fn modifies_pieces() {
        assert_eq!(pasted(quote!([<Field:upper _MASK>])), "FIELD_MASK");
        assert_eq!(pasted(quote!([<GA102:lower>])), "ga102");
        assert_eq!(pasted(quote!([<FooBar:snake>])), "foo_bar");
        assert_eq!(pasted(quote!([<FOOBar:snake:upper>])), "FOOBAR");
        assert_eq!(pasted(quote!([<foo_bar:camel Baz>])), "FooBarBaz");
        assert_eq!(pasted(quote!([<FOO_BAR:camel>])), "FooBar");
        assert_eq!(pasted(quote!([<a b:span c>])), "abc");
    }

    #[test]
    fn variables_count_as_their_content() {
        let (from, to) = (variable(quote!(u32)), variable(quote!(u64)));
        assert_eq!(pasted(quote!([<#from _as_ #to>])), "u32_as_u64");
        let nested = variable(quote!(#from));
        assert_eq!(pasted(quote!([<#nested x>])), "u32x");
    }

    #[test]
    fn variables_in_paths_lose_their_delimiters() {
        let is_group = |token: TokenTree| matches!(token, TokenTree::Group(_));
        let plain = variable(quote!(core::u32));
        assert!(!expand(quote!(#plain::MAX))
            .unwrap()
            .into_iter()
            .any(is_group));
        assert!(!expand(quote!(a::#plain)).unwrap().into_iter().any(is_group));
        let generic = variable(quote!(Vec<u8>));
        let tokens: Vec<_> = expand(quote!(#generic::new()))
            .unwrap()
            .into_iter()
            .collect();
        assert!(is_punct(tokens.first(), '<') && is_punct(tokens.get(2), '>'));
        assert!(expand(quote!(x + #plain))
            .unwrap()
            .into_iter()
            .any(is_group));
    }

    #[test]
    fn types_in_brackets_are_left_alone() {
        let array = quote!([<T as Trait>::Of<u8>]);
        assert_eq!(pasted(array.clone()), array.to_string());
        let array = quote!([<T as Trait>::OF; 2]);
        assert_eq!(pasted(array.clone()), array.to_string());
    }

    #[test]
    fn refuses_what_is_no_identifier() {
        assert!(error(quote!([<>])).contains("no pieces"));
        assert!(error(quote!([<1 a>])).contains("`1a`"));
        assert!(error(quote!([<a "-b">])).contains("`a-b`"));
        assert!(error(quote!([<a 1.5>])).contains("of the literals"));
        assert!(error(quote!([<a, b>])).contains("cannot be part"));
        assert!(error(quote!([<a (b)>])).contains("cannot be part"));
        assert!(error(quote!([<a:shout>])).contains("unknown modifier `shout`"));
        assert!(error(quote!([<a:>])).contains("follows the colon"));
        assert!(error(quote!([<a:1>])).contains("is an identifier"));
        assert!(error(quote!([<a:span b:span>])).contains("twice"));
    }
}
