// SPDX-License-Identifier: GPL-2.0

//! What several of the macros need.

use proc_macro2::{Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{ext::IdentExt, Attribute, Error, Result};

/// Ends a function-like macro: an error becomes code that makes the compiler report it.
pub(crate) fn finish(result: Result<TokenStream>) -> proc_macro::TokenStream {
    result.unwrap_or_else(Error::into_compile_error).into()
}

/// Ends an attribute macro. On an error the item stays what it was, so that the error is not
/// followed by others about an item that does not exist.
pub(crate) fn finish_attribute(
    item: proc_macro::TokenStream,
    expand: impl FnOnce(TokenStream) -> Result<TokenStream>,
) -> proc_macro::TokenStream {
    let item = TokenStream::from(item);
    let tokens = expand(item.clone()).unwrap_or_else(|error| {
        let mut tokens = error.into_compile_error();
        tokens.extend(item);
        tokens
    });
    tokens.into()
}

/// Refuses arguments of an attribute that has none.
pub(crate) fn no_arguments(attribute: &str, arguments: TokenStream) -> Result<()> {
    if arguments.is_empty() {
        return Ok(());
    }
    Err(Error::new_spanned(
        arguments,
        format_args!("`#[{attribute}]` takes no arguments"),
    ))
}

/// The attributes that decide whether an item exists.
pub(crate) fn cfgs(attributes: &[Attribute]) -> Vec<Attribute> {
    let is_cfg = |attribute: &&Attribute| attribute.path().is_ident("cfg");
    attributes.iter().filter(is_cfg).cloned().collect()
}

/// The name of an identifier, without the `r#` of a raw one.
pub(crate) fn name_of(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Whether the token is this character of punctuation.
pub(crate) fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

/// Whether the two tokens are `::`.
pub(crate) fn is_path_separator(first: Option<&TokenTree>, second: Option<&TokenTree>) -> bool {
    let joint = |punct: &Punct| punct.as_char() == ':' && punct.spacing() == Spacing::Joint;
    matches!(first, Some(TokenTree::Punct(punct)) if joint(punct)) && is_punct(second, ':')
}

/// Puts two errors into one report.
pub(crate) fn combine(errors: &mut Option<Error>, error: Error) {
    match errors {
        Some(first) => first.combine(error),
        None => *errors = Some(error),
    }
}

/// An error at a piece of the user's code.
pub(crate) fn error_at<T>(tokens: impl ToTokens, message: impl std::fmt::Display) -> Result<T> {
    Err(Error::new_spanned(tokens, message))
}
