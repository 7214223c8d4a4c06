// SPDX-License-Identifier: GPL-2.0

//! What `module!` is given.

use crate::util::{combine, name_of};
use proc_macro2::{Ident, Span};
use syn::{
    braced, bracketed,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    Error, Expr, LitStr, Result, Token, Type,
};

/// The description of a module.
pub(super) struct Input {
    pub(super) r#type: Type,
    pub(super) name: LitStr,
    pub(super) license: LitStr,
    pub(super) authors: Vec<LitStr>,
    pub(super) description: Option<LitStr>,
    pub(super) alias: Vec<LitStr>,
    pub(super) firmware: Vec<LitStr>,
    pub(super) imports_ns: Vec<LitStr>,
    pub(super) params: Vec<Parameter>,
}

/// The description of a parameter.
pub(super) struct Parameter {
    pub(super) name: Ident,
    pub(super) r#type: Type,
    pub(super) default: Expr,
    pub(super) description: LitStr,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut fields = Fields::new(&[
            "type",
            "name",
            "authors",
            "description",
            "license",
            "alias",
            "firmware",
            "imports_ns",
            "params",
        ]);
        let mut r#type = None;
        let mut name = None;
        let mut license = None;
        let mut authors = Vec::new();
        let mut description = None;
        let mut alias = Vec::new();
        let mut firmware = Vec::new();
        let mut imports_ns = Vec::new();
        let mut params = Vec::new();
        while let Some(key) = fields.next(input)? {
            match key.as_str() {
                "type" => r#type = Some(input.parse()?),
                "name" => name = Some(module_name(input)?),
                "license" => license = Some(string(input)?),
                "authors" => authors = strings(input)?,
                "description" => description = Some(string(input)?),
                "alias" => alias = strings(input)?,
                "firmware" => firmware = strings(input)?,
                "imports_ns" => imports_ns = strings(input)?,
                _ => params = parameters(input)?,
            }
            fields.end(input)?;
        }
        let missing = |key| fields.missing(key, "the module");
        Ok(Input {
            r#type: r#type.ok_or_else(|| missing("type"))?,
            name: name.ok_or_else(|| missing("name"))?,
            license: license.ok_or_else(|| missing("license"))?,
            authors,
            description,
            alias,
            firmware,
            imports_ns,
            params,
        })
    }
}

fn parameters(input: ParseStream<'_>) -> Result<Vec<Parameter>> {
    let content;
    braced!(content in input);
    let parameters: Punctuated<Parameter, Token![,]> =
        content.parse_terminated(Parameter::parse, Token![,])?;
    let parameters: Vec<_> = parameters.into_iter().collect();

    let mut errors = None;
    for (index, Parameter { name, .. }) in parameters.iter().enumerate() {
        if parameters[..index].iter().any(|other| other.name == *name) {
            let message = format_args!("there is a parameter `{name}` already");
            combine(&mut errors, Error::new(name.span(), message));
        }
    }
    match errors {
        Some(error) => Err(error),
        None => Ok(parameters),
    }
}

impl Parse for Parameter {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name: Ident = input.parse()?;
        input.parse::<Token![:]>()?;
        let r#type = input.parse()?;
        let content;
        braced!(content in input);

        let mut fields = Fields::new(&["default", "description"]);
        fields.place = name.span();
        let mut default = None;
        let mut description = None;
        while let Some(key) = fields.next(&content)? {
            match key.as_str() {
                "default" => default = Some(content.parse()?),
                _ => description = Some(string(&content)?),
            }
            fields.end(&content)?;
        }
        let missing = |key| fields.missing(key, &format!("the parameter `{name}`"));
        Ok(Parameter {
            default: default.ok_or_else(|| missing("default"))?,
            description: description.ok_or_else(|| missing("description"))?,
            name,
            r#type,
        })
    }
}

/// Reads `key:` after `key:`, in any order.
struct Fields {
    known: &'static [&'static str],
    seen: Vec<String>,
    /// Where something is missing.
    place: Span,
}

impl Fields {
    fn new(known: &'static [&'static str]) -> Self {
        Fields {
            known,
            seen: Vec::new(),
            place: Span::call_site(),
        }
    }

    /// The next key, which is one that is known and new.
    fn next(&mut self, input: ParseStream<'_>) -> Result<Option<String>> {
        if input.is_empty() {
            return Ok(None);
        }
        let ident = input.call(Ident::parse_any)?;
        let key = name_of(&ident);
        let error = |message: String| Err(Error::new(ident.span(), message));
        if key == "author" && self.known.contains(&"authors") {
            return error("the authors are a list: `authors: [\"…\"]`".to_owned());
        }
        if !self.known.contains(&key.as_str()) {
            let known = self.known.join("`, `");
            return error(format!("unknown key `{key}`: there are `{known}`"));
        }
        if self.seen.contains(&key) {
            return error(format!("`{key}` stands here already"));
        }
        input.parse::<Token![:]>()?;
        self.seen.push(key.clone());
        Ok(Some(key))
    }

    /// Goes past the comma after a value; only the last one may lack it.
    fn end(&self, input: ParseStream<'_>) -> Result<()> {
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        Ok(())
    }

    fn missing(&self, key: &str, owner: &str) -> Error {
        Error::new(self.place, format_args!("{owner} lacks `{key}`"))
    }
}

fn strings(input: ParseStream<'_>) -> Result<Vec<LitStr>> {
    let content;
    bracketed!(content in input);
    let strings = content.parse_terminated(string, Token![,])?;
    Ok(strings.into_iter().collect())
}

/// A string that C can have.
fn string(input: ParseStream<'_>) -> Result<LitStr> {
    let literal: LitStr = input.parse()?;
    if literal.value().contains('\0') {
        return Err(Error::new(literal.span(), "C strings end at the first NUL"));
    }
    Ok(literal)
}

/// A string that can be part of a symbol, and of what precedes a parameter on the command line.
fn module_name(input: ParseStream<'_>) -> Result<LitStr> {
    let literal = string(input)?;
    let is_usual =
        |character: char| character.is_ascii_alphanumeric() || character == '_' || character == '-';
    let name = literal.value();
    if name.is_empty() || !name.chars().all(is_usual) {
        return Err(Error::new(
            literal.span(),
            "the name of a module consists of letters, digits, `_` and `-`",
        ));
    }
    Ok(literal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::TokenStream;
    use quote::quote;
    use syn::parse2;

    fn error(input: TokenStream) -> String {
        match parse2::<Input>(input) {
            Ok(_) => "none".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn any_order_and_every_key() {
        let input: Input = parse2(quote! {
            license: "GPL",
            params: {
                a: u8 { description: "A", default: 1 + 2, },
                b: i64 { default: -1, description: "B" }
            },
            imports_ns: ["NS"],
            firmware: ["x.fw", "y.fw"],
            alias: [],
            description: "text",
            authors: ["A", "B",],
            name: "some-name_1",
            type: path::To<Type>
        })
        .unwrap();
        assert_eq!(input.name.value(), "some-name_1");
        assert_eq!(input.license.value(), "GPL");
        assert_eq!(input.authors.len(), 2);
        assert_eq!(input.firmware.len(), 2);
        assert_eq!(input.imports_ns.len(), 1);
        assert!(input.alias.is_empty());
        let names: Vec<_> = input
            .params
            .iter()
            .map(|param| param.name.to_string())
            .collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(input.params[1].description.value(), "B");
    }

    #[test]
    fn little_is_required() {
        let least = quote!(type: T, name: "n", license: "GPL");
        assert!(parse2::<Input>(least).is_ok());
        assert_eq!(
            error(quote!(name: "n", license: "GPL")),
            "the module lacks `type`"
        );
        assert_eq!(
            error(quote!(type: T, license: "GPL")),
            "the module lacks `name`"
        );
        assert_eq!(
            error(quote!(type: T, name: "n")),
            "the module lacks `license`"
        );
    }

    #[test]
    fn keys_are_checked() {
        assert!(error(quote!(type: T, type: U)).contains("already"));
        assert!(error(quote!(licence: "GPL")).contains("unknown key `licence`"));
        assert!(error(quote!(author: "A")).contains("authors: ["));
        assert!(error(quote!(type: T name: "n")).contains("`,`"));
    }

    #[test]
    fn values_are_checked() {
        assert!(error(quote!(name: "")).contains("letters"));
        assert!(error(quote!(name: "a.b")).contains("letters"));
        assert!(error(quote!(name: b"a")).contains("string"));
        assert!(error(quote!(description: "a\0b")).contains("NUL"));
        assert!(error(quote!(authors: "A")).contains("brackets"));
    }

    #[test]
    fn parameters_are_checked() {
        let in_params = |params| error(quote!(params: { #params }));
        assert!(in_params(quote!(a: u8 { default: 1 })).contains("`a` lacks `description`"));
        assert!(in_params(quote!(a: u8 { description: "A" })).contains("`a` lacks `default`"));
        assert!(in_params(quote!(a: u8 { perm: 1 })).contains("unknown key `perm`"));
        let twice = quote!(
            a: u8 { default: 1, description: "A" },
            a: u8 { default: 1, description: "A" },
        );
        assert!(in_params(twice).contains("`a` already"));
    }
}
