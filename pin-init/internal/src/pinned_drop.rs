// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `#[pinned_drop]`: makes the safe-looking `impl PinnedDrop for …` the unsafe one that it is.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{parse_quote, Error, ImplItem, ItemImpl, Path, Result, Token};

pub(crate) fn expand(mut item: ItemImpl) -> Result<TokenStream> {
    let Some((negative, path, _)) = &mut item.trait_ else {
        return Err(Error::new_spanned(
            &item.self_ty,
            "expected `impl … PinnedDrop for …`, found an inherent impl",
        ));
    };
    if let Some(not) = negative {
        return Err(Error::new_spanned(not, "`PinnedDrop` cannot be negated"));
    }
    if !names_pinned_drop(path) {
        return Err(Error::new_spanned(path, "this is not `PinnedDrop`"));
    }
    if let Some(keyword) = &item.unsafety {
        return Err(Error::new_spanned(
            keyword,
            "with `#[pinned_drop]`, implementing `PinnedDrop` is safe",
        ));
    }

    *path = parse_quote!(::pin_init::PinnedDrop);
    item.unsafety = Some(Token![unsafe](item.impl_token.span));
    for method in &mut item.items {
        if let ImplItem::Fn(method) = method {
            if method.sig.ident == "drop" {
                // The token that only the generated `Drop` can make.
                method
                    .sig
                    .inputs
                    .push(parse_quote!(_: ::pin_init::__internal::OnlyCallFromDrop));
            }
        }
    }
    Ok(item.into_token_stream())
}

/// Whether `path` is `PinnedDrop`, `pin_init::PinnedDrop` or `::pin_init::PinnedDrop`.
fn names_pinned_drop(path: &Path) -> bool {
    let plain = path
        .segments
        .iter()
        .all(|segment| segment.arguments.is_none());
    let names: Vec<_> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    plain
        && match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["PinnedDrop"] => path.leading_colon.is_none(),
            ["pin_init", "PinnedDrop"] => true,
            _ => false,
        }
}
