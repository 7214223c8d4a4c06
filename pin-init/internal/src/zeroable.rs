// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `#[derive(Zeroable)]` and `#[derive(MaybeZeroable)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{parse_quote, Data, DeriveInput, Error, Generics, Result, Type};

/// Implements `Zeroable`, and stops the build at the first field that isn't.
pub(crate) fn strict(input: DeriveInput) -> Result<TokenStream> {
    let (fields, generics) = dissect(&input)?;
    let implementation = implement(&input, &generics);
    let (parameters, _, bounds) = generics.split_for_impl();

    // A function of its own for the checks: each complaint then points at the field's type, and the
    // bounds of the type's parameters are in scope.
    Ok(quote! {
        #implementation
        const _: () = {
            fn all_bytes_zero_is_a_value<T: ?::core::marker::Sized + ::pin_init::Zeroable>() {}
            #[allow(clippy::multiple_bound_locations)]
            fn of_every_field #parameters () #bounds {
                #(all_bytes_zero_is_a_value::<#fields>();)*
            }
        };
    })
}

/// Implements `Zeroable` on condition that every field does.
pub(crate) fn lenient(input: DeriveInput) -> Result<TokenStream> {
    let (fields, mut generics) = dissect(&input)?;
    // The compiler rejects a bound that is false whatever the parameters are, unless the bound
    // mentions a lifetime: so it gets one, and a false bound just leaves the trait unimplemented.
    generics
        .make_where_clause()
        .predicates
        .extend(fields.into_iter().map(|field| -> syn::WherePredicate {
            parse_quote!(#field: for<'__any> ::pin_init::Zeroable)
        }));
    Ok(implement(&input, &generics))
}

/// The types of all fields, and the generics with every type parameter bound to be `Zeroable`.
fn dissect(input: &DeriveInput) -> Result<(Vec<&Type>, Generics)> {
    let fields = match &input.data {
        Data::Struct(data) => data.fields.iter().map(|field| &field.ty).collect(),
        Data::Union(data) => data.fields.named.iter().map(|field| &field.ty).collect(),
        Data::Enum(data) => {
            return Err(Error::new_spanned(
                data.enum_token,
                "cannot derive `Zeroable` for an enum",
            ))
        }
    };
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(::pin_init::Zeroable));
    }
    Ok((fields, generics))
}

fn implement(input: &DeriveInput, generics: &Generics) -> TokenStream {
    let name = &input.ident;
    let (parameters, arguments, bounds) = generics.split_for_impl();
    quote! {
        // SAFETY: Zeroes are a value of every field, and padding may hold anything.
        #[automatically_derived]
        unsafe impl #parameters ::pin_init::Zeroable for #name #arguments #bounds {}
    }
}
