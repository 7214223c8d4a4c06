// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `pin_init!` and `init!`.
//!
//! Both become a closure that fills a slot field by field, in the order written. Each field that
//! has been filled is owned by a guard: whatever ends the closure early (`?`, `return`, a panic)
//! drops the guards, and with them the fields, last one first. At the end the guards are forgotten.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{
    braced,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    Attribute, Block, Error, Expr, Ident, Path, Result, Token, Type,
};

/// Which of the two macros is expanded.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Flavour {
    /// `pin_init!`: fields go through what `#[pin_data]` generated, which knows the pinned ones.
    Pinned,
    /// `init!`: the value may move afterwards, so no field is pinned.
    Movable,
}

/// `&this in Path { fields, ..Zeroable::init_zeroed() }? Error`.
pub(crate) struct Input {
    this: Option<Ident>,
    path: Path,
    steps: Punctuated<Step, Token![,]>,
    zeroed: bool,
    error: Type,
}

/// One entry between the braces.
struct Step {
    attributes: Vec<Attribute>,
    action: Action,
}

enum Action {
    /// `field: value`, or `field` for short.
    Write(Ident, Expr),
    /// `field <- initializer`.
    Init(Ident, Expr),
    /// `_: { statements }`.
    Run(Block),
}

impl Action {
    fn field(&self) -> Option<&Ident> {
        match self {
            Self::Write(field, _) | Self::Init(field, _) => Some(field),
            Self::Run(_) => None,
        }
    }
}

impl Step {
    fn cfgs(&self) -> Vec<&Attribute> {
        self.attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("cfg"))
            .collect()
    }
}

/// An identifier that the caller's own code can neither see nor clash with.
fn hidden(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

pub(crate) fn expand(input: Input, flavour: Flavour) -> TokenStream {
    let Input {
        this,
        path,
        steps,
        zeroed,
        error,
    } = input;
    let (data, slot, init) = (hidden("data"), hidden("slot"), hidden("init"));

    let (describe, make_closure, from_closure) = match flavour {
        Flavour::Pinned => (
            quote! {
                use ::pin_init::__internal::HasPinData;
                #path::__pin_data()
            },
            quote!(::pin_init::__internal::PinData::make_closure),
            quote!(::pin_init::pin_init_from_closure),
        ),
        Flavour::Movable => (
            quote! {
                use ::pin_init::__internal::HasInitData;
                #path::__init_data()
            },
            quote!(::pin_init::__internal::InitData::make_closure),
            quote!(::pin_init::init_from_closure),
        ),
    };
    let bind_this = this.map(|this| {
        quote! {
            // SAFETY: An initializer is never handed a null slot.
            let #this = unsafe { ::core::ptr::NonNull::new_unchecked(#slot) };
        }
    });
    let zero_all = zeroed.then(|| {
        quote! {
            // SAFETY: The slot may be written to, and `zero` demands that zeroes are a value.
            unsafe { ::pin_init::__internal::zero(#slot) };
        }
    });
    let run_steps = steps.iter().map(|step| run(step, flavour, &data, &slot));
    let check = check(&steps, zeroed, &path, &slot);
    let forget = steps.iter().filter_map(|step| {
        let guard = guard_of(step.action.field()?);
        let cfgs = step.cfgs();
        Some(quote! {
            #(#cfgs)*
            ::core::mem::forget(#guard);
        })
    });

    quote! {{
        // SAFETY: This is one of the two macros that may ask for the description of a type.
        let #data = unsafe { #describe };
        // Ties the closure's argument to the type that `data` describes, generics left out by the
        // caller included.
        let #init = #make_closure::<_, ::pin_init::__internal::InitOk, #error>(
            #data,
            move |#slot| {
                #zero_all
                #bind_this
                #(#run_steps)*
                #check
                // Nothing can fail any more: the fields belong to the whole from now on.
                #(#forget)*
                // SAFETY: Every field has been initialized, as the check above makes sure.
                ::core::result::Result::Ok(unsafe { ::pin_init::__internal::InitOk::new() })
            },
        );
        // SAFETY: The closure returns `Ok` only with an `InitOk`, that is, once all fields are
        // initialized; when it ends otherwise, the guards have dropped the fields it got to.
        unsafe {
            #from_closure::<_, #error>(
                move |#slot| -> ::core::result::Result<(), #error> { #init(#slot).map(|_| ()) },
            )
        }
    }}
}

fn guard_of(field: &Ident) -> Ident {
    format_ident!("{}_guard", field.unraw(), span = Span::mixed_site())
}

/// The statements for one entry.
fn run(step: &Step, flavour: Flavour, data: &Ident, slot: &Ident) -> TokenStream {
    let attributes = &step.attributes;
    let (field, fill) = match &step.action {
        Action::Run(block) => {
            return quote! {
                #(#attributes)*
                #[allow(unused_braces)]
                #block
            }
        }
        Action::Write(field, value) => (field, quote!(write(#value))),
        Action::Init(field, initializer) => (field, quote!(init(#initializer)?)),
    };
    let guard = guard_of(field);
    let cfgs = step.cfgs();
    let place = match flavour {
        // The accessor that `#[pin_data]` generated says whether the field is pinned, and it is as
        // visible as the field.
        Flavour::Pinned => quote!(#data.#field(#slot)),
        Flavour::Movable => quote! {
            ::pin_init::__internal::Slot::<::pin_init::__internal::Unpinned, _>::new(
                &raw mut (*#slot).#field
            )
        },
    };
    quote! {
        #(#attributes)*
        // SAFETY: The slot may be written to; the check below turns away a field that is
        // initialized twice and one that is not aligned.
        let mut #guard = (unsafe { #place }).#fill;
        #(#cfgs)*
        #[allow(unused_variables, non_snake_case)]
        let #field = #guard.binding();
    }
}

/// Code that never runs: the compiler checks with it that every field is named, none is named twice
/// and each is aligned.
fn check(
    steps: &Punctuated<Step, Token![,]>,
    zeroed: bool,
    path: &Path,
    slot: &Ident,
) -> TokenStream {
    let (mut aligned, mut named) = (Vec::new(), Vec::new());
    for step in steps {
        let Some(field) = step.action.field() else {
            continue;
        };
        let cfgs = step.cfgs();
        // A reference to a field of a packed struct is an error.
        aligned.push(quote!(#(#cfgs)* let _ = unsafe { &(*#slot).#field };));
        named.push(quote!(#(#cfgs)* #field: loop {},));
    }
    let rest = zeroed.then(|| quote!(..unsafe { ::core::mem::zeroed() }));
    quote! {
        #[allow(unreachable_code, unused_unsafe, clippy::all)]
        let _ = || {
            // SAFETY: Never executed, like the rest of this closure.
            #(#aligned)*
            unsafe { ::core::ptr::write(#slot, #path { #(#named)* #rest }) };
        };
    }
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut error = None;
        for attribute in Attribute::parse_outer(input)? {
            if !attribute.path().is_ident("default_error") {
                return Err(Error::new_spanned(
                    attribute,
                    "expected `#[default_error(…)]`, the one attribute that an initializer takes",
                ));
            }
            error = Some(attribute.parse_args()?);
        }
        let this = if input.peek(Token![&]) {
            input.parse::<Token![&]>()?;
            let this = input.parse()?;
            input.parse::<Token![in]>()?;
            Some(this)
        } else {
            None
        };
        let path = input.parse()?;

        let body;
        braced!(body in input);
        let mut steps = Punctuated::new();
        while !body.is_empty() && !body.peek(Token![..]) {
            steps.push_value(body.parse()?);
            if body.is_empty() {
                break;
            }
            steps.push_punct(body.parse()?);
        }
        let zeroed = body.peek(Token![..]);
        if zeroed {
            parse_zeroed_rest(&body)?;
        }

        if input.peek(Token![?]) {
            input.parse::<Token![?]>()?;
            error = Some(input.parse()?);
        }
        Ok(Self {
            this,
            path,
            steps,
            zeroed,
            error: match error {
                Some(error) => error,
                None => syn::parse_quote!(::core::convert::Infallible),
            },
        })
    }
}

/// Takes `..Zeroable::init_zeroed()`, the only thing that may follow the fields.
fn parse_zeroed_rest(body: ParseStream<'_>) -> Result<()> {
    let dots = body.parse::<Token![..]>()?;
    let rest = body.parse::<Expr>()?;
    // As text: two expressions can't be compared without more of syn.
    if quote!(#rest).to_string() == quote!(Zeroable::init_zeroed()).to_string() {
        Ok(())
    } else {
        Err(Error::new_spanned(
            quote!(#dots #rest),
            "expected `..Zeroable::init_zeroed()` or nothing",
        ))
    }
}

impl Parse for Step {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        Ok(Self {
            attributes: Attribute::parse_outer(input)?,
            action: input.parse()?,
        })
    }
}

impl Parse for Action {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(Token![_]) {
            input.parse::<Token![_]>()?;
            input.parse::<Token![:]>()?;
            return Ok(Self::Run(input.parse()?));
        }
        let field: Ident = input.parse()?;
        if input.peek(Token![<-]) {
            input.parse::<Token![<-]>()?;
            Ok(Self::Init(field, input.parse()?))
        } else if input.peek(Token![:]) {
            input.parse::<Token![:]>()?;
            Ok(Self::Write(field, input.parse()?))
        } else if input.is_empty() || input.peek(Token![,]) {
            let value = syn::parse_quote!(#field);
            Ok(Self::Write(field, value))
        } else {
            Err(input.error("expected `<-`, `:` or `,` after the field's name"))
        }
    }
}
