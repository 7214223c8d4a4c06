// SPDX-License-Identifier: GPL-2.0

//! `#[vtable]`: constants that tell which functions of a trait an implementation provides.

use crate::util::{cfgs, error_at, name_of, no_arguments};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, ToTokens};
use syn::{
    parse2, parse_quote, parse_quote_spanned, Attribute, ImplItem, Item, ItemImpl, ItemTrait,
    Result, TraitItem,
};

/// The constant that only an implementation with the attribute has.
const MARKER: &str = "USE_VTABLE_ATTR";

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    no_arguments("vtable", arguments)?;
    match parse2(item)? {
        Item::Trait(item) => Ok(declare(item)),
        Item::Impl(item) => provide(item),
        other => error_at(
            other,
            "`#[vtable]` stands on a trait, or on an implementation of one",
        ),
    }
}

/// The constant for a function, which is reported where the function stands.
fn flag(function: &Ident) -> Ident {
    let name = name_of(function).to_uppercase();
    Ident::new(&format!("HAS_{name}"), function.span())
}

/// A function: the conditions under which it exists, and its name.
type Function = (Vec<Attribute>, Ident);

/// The functions whose constant the user has not written.
fn missing_flags(
    functions: Vec<Function>,
    constants: &[Ident],
) -> impl Iterator<Item = Function> + '_ {
    functions
        .into_iter()
        .filter(|(_, name)| !constants.contains(&flag(name)))
}

fn declare(mut item: ItemTrait) -> TokenStream {
    let mut functions = Vec::new();
    let mut constants = Vec::new();
    for member in &item.items {
        match member {
            TraitItem::Fn(function) => {
                functions.push((cfgs(&function.attrs), function.sig.ident.clone()));
            }
            TraitItem::Const(constant) => constants.push(constant.ident.clone()),
            _ => {}
        }
    }

    let marker = format_ident!("{MARKER}");
    if !constants.contains(&marker) {
        item.items.push(parse_quote! {
            /// Set by `#[vtable]`, which every implementation of this trait has to carry.
            const #marker: ();
        });
    }
    for (conditions, name) in missing_flags(functions, &constants) {
        let constant = flag(&name);
        let documentation =
            format!("Whether the implementation has its own [`{name}`](Self::{name}).");
        item.items.push(parse_quote_spanned! {name.span()=>
            #(#conditions)*
            #[doc = #documentation]
            const #constant: bool = false;
        });
    }
    item.into_token_stream()
}

fn provide(mut item: ItemImpl) -> Result<TokenStream> {
    if item.trait_.is_none() {
        return error_at(
            &item.self_ty,
            "`#[vtable]` stands on an implementation of a trait: `impl Trait for Type`",
        );
    }

    let mut functions = Vec::new();
    let mut constants = Vec::new();
    for member in &item.items {
        match member {
            ImplItem::Fn(function) => {
                functions.push((cfgs(&function.attrs), function.sig.ident.clone()));
            }
            ImplItem::Const(constant) => constants.push(constant.ident.clone()),
            _ => {}
        }
    }

    let marker = format_ident!("{MARKER}");
    if !constants.contains(&marker) {
        item.items.push(parse_quote!(const #marker: () = ();));
    }
    for (conditions, name) in missing_flags(functions, &constants) {
        let constant = flag(&name);
        item.items.push(parse_quote_spanned! {name.span()=>
            #(#conditions)*
            const #constant: bool = true;
        });
    }
    Ok(quote!(#item))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(item: TokenStream) -> String {
        expand(TokenStream::new(), item).unwrap().to_string()
    }

    fn text(tokens: TokenStream) -> String {
        tokens.to_string()
    }

    #[test]
    fn a_trait_gets_a_constant_for_each_function() {
        let code = expanded(quote! {
            pub trait Ops {
                const OTHER: u8;
                fn run(&self);
                #[cfg(CONFIG_X)]
                fn r#match() {}
            }
        });
        assert!(code.contains(&text(quote!(
            const USE_VTABLE_ATTR: ();
        ))));
        assert!(code.contains(&text(quote!(
            const HAS_RUN: bool = false;
        ))));
        assert!(code.contains(&text(quote!(
            #[cfg(CONFIG_X)]
            #[doc = "Whether the implementation has its own [`r#match`](Self::r#match)."]
            const HAS_MATCH: bool = false;
        ))));
    }

    #[test]
    fn an_implementation_sets_the_constants_of_what_it_provides() {
        let code = expanded(quote! {
            impl Ops for Foo {
                #[cfg(CONFIG_X)]
                fn run(&self) {}
                #[cfg(not(CONFIG_X))]
                fn run(&self) {}
            }
        });
        assert!(code.contains(&text(quote!(
            const USE_VTABLE_ATTR: () = ();
        ))));
        assert!(code.contains(&text(quote!(
            #[cfg(CONFIG_X)]
            const HAS_RUN: bool = true;
        ))));
        assert!(code.contains(&text(quote!(
            #[cfg(not(CONFIG_X))]
            const HAS_RUN: bool = true;
        ))));
    }

    #[test]
    fn what_the_user_wrote_stays() {
        let code = expanded(quote! {
            impl Ops for Foo {
                const HAS_RUN: bool = false;
                const USE_VTABLE_ATTR: () = ();
                fn run(&self) {}
            }
        });
        assert_eq!(code.matches("HAS_RUN").count(), 1);
        assert_eq!(code.matches("USE_VTABLE_ATTR").count(), 1);
    }

    #[test]
    fn other_places_are_refused() {
        let refused = |item| expand(TokenStream::new(), item).is_err();
        assert!(refused(quote!(
            struct S;
        )));
        assert!(refused(quote!(
            impl S {}
        )));
        assert!(expand(
            quote!(x),
            quote!(
                trait T {}
            )
        )
        .is_err());
    }
}
