// SPDX-License-Identifier: GPL-2.0

//! `#[export]`: a function that C calls, compared with its C declaration.

use crate::util::{cfgs, error_at, no_arguments};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned, ToTokens};
use syn::{parse2, Error, FnArg, GenericParam, Item, ItemFn, Result, Signature};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    no_arguments("export", arguments)?;
    let function = match parse2(item)? {
        Item::Fn(function) => function,
        other => return error_at(other, "`#[export]` stands on a function"),
    };
    check(&function)?;

    let name = &function.sig.ident;
    let conditions = cfgs(&function.attrs);
    let declared = pointer_type(&function.sig);
    let comparison = quote_spanned!(name.span()=> const _: #declared = ::kernel::bindings::#name;);
    Ok(quote! {
        #(#conditions)*
        #comparison

        #[no_mangle]
        #function
    })
}

/// The type of a pointer to the function. The one that C declares is turned into this type, which the
/// compiler only does if the ABI, `unsafe`, every argument and the result are the same.
fn pointer_type(signature: &Signature) -> TokenStream {
    let Signature {
        generics,
        unsafety,
        abi,
        inputs,
        output,
        ..
    } = signature;
    let lifetimes = &generics.params;
    let bound = (!lifetimes.is_empty()).then(|| quote!(for<#lifetimes>));
    let arguments = inputs.iter().map(|argument| match argument {
        FnArg::Typed(argument) => argument.ty.to_token_stream(),
        // Only in an `impl`, where an attribute cannot generate what is needed: the compiler says so.
        FnArg::Receiver(receiver) => receiver.ty.to_token_stream(),
    });
    quote!(#bound #unsafety #abi fn(#(#arguments),*) #output)
}

/// Points out what could never be a C function, in better words than the comparison would.
fn check(function: &ItemFn) -> Result<()> {
    let signature = &function.sig;
    if let Some(parameter) = signature
        .generics
        .params
        .iter()
        .find(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
    {
        return error_at(parameter, "an exported function has no generic parameters");
    }
    if let Some(keyword) = &signature.asyncness {
        return error_at(keyword, "an exported function cannot be `async`");
    }
    if signature.abi.is_none() {
        return Err(Error::new(
            signature.fn_token.span,
            "an exported function is `extern \"C\"`",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_function_and_compares_it() {
        let code = expand(
            TokenStream::new(),
            quote! {
                #[cfg(CONFIG_X)]
                pub unsafe extern "C" fn answer() -> i32 { 42 }
            },
        )
        .unwrap()
        .to_string();
        let comparison = quote! {
            const _: unsafe extern "C" fn() -> i32 = ::kernel::bindings::answer;
        };
        assert!(code.contains(&comparison.to_string()));
        assert!(code.contains("# [no_mangle]"));
        assert_eq!(code.matches("# [cfg (CONFIG_X)]").count(), 2);
    }

    #[test]
    fn names_the_type_of_a_pointer() {
        let function: ItemFn = syn::parse_quote! {
            extern "C" fn f<'a>(mut x: &'a u8, _: *const [u8; 2]) -> &'a u8 { x }
        };
        let expected = quote!(for<'a> extern "C" fn(&'a u8, *const [u8; 2]) -> &'a u8);
        let pointer = pointer_type(&function.sig);
        assert_eq!(pointer.to_string(), expected.to_string());
    }

    #[test]
    fn refuses_what_c_cannot_call() {
        let refused = |item| expand(TokenStream::new(), item).is_err();
        assert!(refused(quote!(
            fn f() {}
        )));
        assert!(refused(quote!(
            extern "C" fn f<T>() {}
        )));
        assert!(refused(quote!(
            async extern "C" fn f() {}
        )));
        assert!(refused(quote!(
            static X: u8 = 0;
        )));
        assert!(expand(
            quote!(x),
            quote!(
                extern "C" fn f() {}
            )
        )
        .is_err());
        assert!(!refused(quote!(
            extern "C" fn f<'a>(x: &'a u8) {}
        )));
    }
}
