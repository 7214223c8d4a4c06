// SPDX-License-Identifier: GPL-2.0

//! `ForLt!`: a type with one lifetime left open.

use crate::util::error_at;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    parse::{Parse, ParseStream},
    parse2,
    spanned::Spanned,
    visit_mut::{self, VisitMut},
    BoundLifetimes, Error, GenericParam, Lifetime, ParenthesizedGenericArguments, Result, Type,
    TypeBareFn, TypeReference,
};

struct Input {
    /// What follows `for`, if there is one.
    name: Option<Lifetime>,
    r#type: Type,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        // `for<'a> fn(…)` and `for<'a> Trait` are types, too. Here the lifetime is the macro's.
        let name = input
            .parse::<Option<BoundLifetimes>>()?
            .map(one_lifetime)
            .transpose()?;
        if input.is_empty() {
            return Err(input.error("`ForLt!` takes one type"));
        }
        let r#type = input.parse()?;
        if !input.is_empty() {
            return Err(input.error("`ForLt!` takes one type"));
        }
        Ok(Input { name, r#type })
    }
}

fn one_lifetime(bound: BoundLifetimes) -> Result<Lifetime> {
    let mut parameters = bound.lifetimes.iter();
    match (parameters.next(), parameters.next()) {
        (Some(GenericParam::Lifetime(parameter)), None) if parameter.bounds.is_empty() => {
            Ok(parameter.lifetime.clone())
        }
        _ => error_at(bound, "exactly one lifetime stays open: `for<'a>`"),
    }
}

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let Input { name, r#type } = parse2(input)?;
    // The user's code can't name these, so they hide no lifetime of its surroundings.
    let [open, short, long] =
        ["'open", "'short", "'long"].map(|name| Lifetime::new(name, Span::mixed_site()));

    let generic = with_lifetime(&r#type, &name, &open)?;
    let proof = if is_covariant(&generic, &open) {
        quote!(0)
    } else {
        let from = with_lifetime(&r#type, &name, &long)?;
        let to = with_lifetime(&r#type, &name, &short)?;
        quote_spanned! {r#type.span()=>
            {
                // Compiles if a value for a longer lifetime is a value for a shorter one.
                #[allow(dead_code)]
                fn shorten<#short, #long: #short>(value: #from) -> #to {
                    value
                }
                0
            }
        }
    };
    Ok(quote! {
        ::kernel::types::for_lt::UnsafeForLtImpl::<
            dyn for<#open> ::kernel::types::for_lt::WithLt<#open, Of = #generic>,
            for<#open> fn(&#open ()) -> #generic,
            #proof,
        >
    })
}

/// Puts a lifetime where the type leaves it open.
fn with_lifetime(r#type: &Type, name: &Option<Lifetime>, lifetime: &Lifetime) -> Result<Type> {
    let mut filled = r#type.clone();
    let mut fill = Fill {
        name: name.as_ref(),
        lifetime,
        error: None,
    };
    fill.visit_type_mut(&mut filled);
    match fill.error {
        Some(error) => Err(error),
        None => Ok(filled),
    }
}

struct Fill<'a> {
    /// The name of the open places; `'_`, written or not, if there is none.
    name: Option<&'a Lifetime>,
    lifetime: &'a Lifetime,
    error: Option<Error>,
}

impl Fill<'_> {
    fn at(&self, span: Span) -> Lifetime {
        let mut lifetime = self.lifetime.clone();
        // The place of the user's, for errors; the hygiene of ours.
        lifetime.set_span(self.lifetime.span().located_at(span));
        lifetime
    }

    fn elided(&mut self, span: Span) -> Option<Lifetime> {
        if let Some(name) = self.name {
            let message = format_args!("which lifetime? the open one is `{name}`");
            self.error.get_or_insert(Error::new(span, message));
            return None;
        }
        Some(self.at(span))
    }
}

impl VisitMut for Fill<'_> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        let span = lifetime.span();
        if self.name.is_some_and(|name| name.ident == lifetime.ident) {
            *lifetime = self.at(span);
        } else if lifetime.ident == "_" {
            if let Some(new) = self.elided(span) {
                *lifetime = new;
            }
        }
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() {
            reference.lifetime = self.elided(reference.and_token.span);
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    // What is elided in the type of a function is open in that function.
    fn visit_type_bare_fn_mut(&mut self, function: &mut TypeBareFn) {
        NamedOnly(self).visit_type_bare_fn_mut(function);
    }

    fn visit_parenthesized_generic_arguments_mut(
        &mut self,
        arguments: &mut ParenthesizedGenericArguments,
    ) {
        NamedOnly(self).visit_parenthesized_generic_arguments_mut(arguments);
    }
}

/// Fills in the places with the name, and leaves the elided ones.
struct NamedOnly<'a, 'b>(&'a mut Fill<'b>);

impl VisitMut for NamedOnly<'_, '_> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident != "_" {
            self.0.visit_lifetime_mut(lifetime);
        }
    }
}

/// Whether it is plain from how the type is written that it is covariant in the lifetime. The
/// compiler needs no proof then, and so the type may name generic parameters.
fn is_covariant(r#type: &Type, lifetime: &Lifetime) -> bool {
    match r#type {
        Type::Reference(reference) if reference.mutability.is_none() => {
            is_covariant(&reference.elem, lifetime)
        }
        Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .all(|element| is_covariant(element, lifetime)),
        Type::Array(array) => is_covariant(&array.elem, lifetime),
        Type::Slice(slice) => is_covariant(&slice.elem, lifetime),
        Type::Paren(inner) => is_covariant(&inner.elem, lifetime),
        Type::Group(inner) => is_covariant(&inner.elem, lifetime),
        Type::Reference(reference) => !mentions(&reference.elem, lifetime),
        other => !mentions(other, lifetime),
    }
}

/// Whether the lifetime occurs in the type. A macro in it may expand to anything.
fn mentions(r#type: &Type, lifetime: &Lifetime) -> bool {
    struct Search<'a>(&'a Lifetime, bool);

    impl<'ast> syn::visit::Visit<'ast> for Search<'_> {
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            self.1 |= lifetime.ident == self.0.ident;
        }

        fn visit_macro(&mut self, _: &'ast syn::Macro) {
            self.1 = true;
        }
    }

    let mut search = Search(lifetime, false);
    syn::visit::Visit::visit_type(&mut search, r#type);
    search.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(input: TokenStream) -> String {
        expand(input).unwrap().to_string()
    }

    fn text(tokens: TokenStream) -> String {
        tokens.to_string()
    }

    fn error(input: TokenStream) -> String {
        expand(input).unwrap_err().to_string()
    }

    #[test]
    fn fills_in_elided_lifetimes() {
        let code = expanded(quote!(Data<'_>));
        assert!(code.contains(&text(quote!(Of = Data<'open>))));
        assert!(code.contains(&text(quote!(for<'open> fn(&'open ()) -> Data<'open>))));
        assert!(code.contains(&text(quote!((value: Data<'long>) -> Data<'short>))));
    }

    #[test]
    fn fills_in_named_lifetimes() {
        let code = expanded(quote!(for<'a> Data<'a, 'static, dyn Fn(&u8) -> &'a u8>));
        assert!(code.contains(&text(
            quote!(Of = Data<'open, 'static, dyn Fn(&u8) -> &'open u8>)
        )));
    }

    #[test]
    fn functions_have_lifetimes_of_their_own() {
        let code = expanded(quote!(Data<'_, fn(&u8) -> &u8>));
        assert!(code.contains(&text(quote!(Of = Data<'open, fn(&u8) -> &u8>))));
    }

    #[test]
    fn what_is_plainly_covariant_needs_no_proof() {
        for plain in [
            quote!(()),
            quote!(Vec<T>),
            quote!(&T),
            quote!((&'_ T, [&[u8]; 3])),
            quote!(&mut T),
        ] {
            assert!(!expanded(plain.clone()).contains("shorten"), "{plain}");
        }
        for other in [
            quote!(Data<'_>),
            quote!(&'_ mut &'_ u8),
            quote!(&'_ Data<'_>),
            quote!(x!()),
        ] {
            assert!(expanded(other.clone()).contains("shorten"), "{other}");
        }
    }

    #[test]
    fn refuses_other_things() {
        assert!(expand(quote!()).is_err());
        assert!(error(quote!(u8, u16)).contains("one type"));
        assert!(error(quote!(for<'a, 'b> X<'a, 'b>)).contains("exactly one"));
        assert!(error(quote!(for<'a> X<'_>)).contains("`'a`"));
        assert!(error(quote!(for<'a> &u8)).contains("`'a`"));
    }
}
