// SPDX-License-Identifier: GPL-2.0

//! `concat_idents!`: one identifier out of two.

use crate::util::name_of;
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{
    ext::IdentExt,
    parse::{Parse, ParseStream},
    parse2, Result, Token,
};

struct Pair {
    first: Ident,
    second: Ident,
}

impl Parse for Pair {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let first = input.call(Ident::parse_any)?;
        input.parse::<Token![,]>()?;
        let second = input.call(Ident::parse_any)?;
        input.parse::<Option<Token![,]>>()?;
        if !input.is_empty() {
            return Err(input.error("`concat_idents!` joins two identifiers; `paste!` joins more"));
        }
        Ok(Pair { first, second })
    }
}

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let Pair { first, second } = parse2(input)?;
    let joined = format!("{}{}", name_of(&first), name_of(&second));
    // Lists of names usually share the first part: the second one tells where the error is.
    Ok(Ident::new(&joined, second.span()).into_token_stream())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn joins_two() {
        assert_eq!(expand(quote!(foo_, BAR)).unwrap().to_string(), "foo_BAR");
        assert_eq!(expand(quote!(r#type, _id,)).unwrap().to_string(), "type_id");
    }

    #[test]
    fn refuses_anything_else() {
        assert!(expand(quote!(a)).is_err());
        assert!(expand(quote!(a b)).is_err());
        assert!(expand(quote!(a, b, c)).is_err());
        assert!(expand(quote!(a, "b")).is_err());
    }
}
