// SPDX-License-Identifier: Apache-2.0 OR MIT

#![doc = include_str!("../README.md")]
#![expect(
    missing_docs,
    reason = "`pin-init` documents each macro where it re-exports it"
)]

use proc_macro::TokenStream;
use syn::parse_macro_input;

mod init;
mod pin_data;
mod pinned_drop;
mod zeroable;

#[proc_macro]
pub fn pin_init(input: TokenStream) -> TokenStream {
    init::expand(parse_macro_input!(input), init::Flavour::Pinned).into()
}

#[proc_macro]
pub fn init(input: TokenStream) -> TokenStream {
    init::expand(parse_macro_input!(input), init::Flavour::Movable).into()
}

#[proc_macro_attribute]
pub fn pin_data(args: TokenStream, item: TokenStream) -> TokenStream {
    let (args, item) = (parse_macro_input!(args), parse_macro_input!(item));
    into_tokens(pin_data::expand(args, item))
}

#[proc_macro_attribute]
pub fn pinned_drop(args: TokenStream, item: TokenStream) -> TokenStream {
    let syn::parse::Nothing = parse_macro_input!(args);
    into_tokens(pinned_drop::expand(parse_macro_input!(item)))
}

#[proc_macro_derive(Zeroable)]
pub fn derive_zeroable(input: TokenStream) -> TokenStream {
    into_tokens(zeroable::strict(parse_macro_input!(input)))
}

#[proc_macro_derive(MaybeZeroable)]
pub fn derive_maybe_zeroable(input: TokenStream) -> TokenStream {
    into_tokens(zeroable::lenient(parse_macro_input!(input)))
}

fn into_tokens(expansion: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expansion
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
