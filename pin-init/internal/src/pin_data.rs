// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `#[pin_data]`: what `pin_init!` and pin projections need to know about a struct.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{
    parse::{Parse, ParseStream},
    parse_quote,
    spanned::Spanned,
    visit_mut::{self, VisitMut},
    Attribute, Error, Expr, Fields, Generics, Ident, Item, ItemStruct, Path, QSelf, Result, Type,
    Visibility,
};

/// Whether the struct says `#[pin_data(PinnedDrop)]`.
pub(crate) struct Args {
    pinned_drop: bool,
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.is_empty() {
            return Ok(Self { pinned_drop: false });
        }
        let word: Ident = input.parse()?;
        if word == "PinnedDrop" {
            Ok(Self { pinned_drop: true })
        } else {
            Err(Error::new_spanned(word, "expected `PinnedDrop` or nothing"))
        }
    }
}

/// A field, its type free of `Self`.
struct Field {
    vis: Visibility,
    name: Ident,
    ty: Type,
    cfgs: Vec<Attribute>,
    pinned: bool,
}

/// The struct as the generated items need it.
struct Subject {
    vis: Visibility,
    name: Ident,
    generics: Generics,
    fields: Vec<Field>,
}

pub(crate) fn expand(args: Args, item: Item) -> Result<TokenStream> {
    let mut item = match item {
        Item::Struct(item) => item,
        other => {
            return Err(Error::new_spanned(
                other,
                "`#[pin_data]` is for structs only",
            ))
        }
    };
    let subject = Subject::take(&mut item)?;

    let projection = subject.projection();
    let description = subject.description();
    let unpin = subject.unpin();
    let drop = if args.pinned_drop {
        subject.drop_glue()
    } else {
        subject.drop_ban()
    };
    let warnings = subject.idle_markers();
    Ok(quote! {
        #item
        #projection
        // Nobody outside can name what is in here.
        const _: () = {
            #description
            #unpin
            #drop
            #warnings
        };
    })
}

impl Subject {
    /// Reads the struct, and takes the `#[pin]` attributes off it.
    fn take(item: &mut ItemStruct) -> Result<Self> {
        if let Fields::Unnamed(fields) = &item.fields {
            return Err(Error::new_spanned(
                fields,
                "`#[pin_data]` needs fields with names",
            ));
        }
        // The generated structs repeat generics and field types, and `Self` means them in there.
        let mut self_is = {
            let name = &item.ident;
            let (_, arguments, _) = item.generics.split_for_impl();
            SelfIs(parse_quote!(#name #arguments))
        };
        let mut generics = item.generics.clone();
        self_is.visit_generics_mut(&mut generics);

        let mut fields = Vec::new();
        for field in &mut item.fields {
            let all = field.attrs.len();
            field
                .attrs
                .retain(|attribute| !attribute.path().is_ident("pin"));
            let mut ty = field.ty.clone();
            self_is.visit_type_mut(&mut ty);
            fields.push(Field {
                vis: field.vis.clone(),
                name: field.ident.clone().expect("tuple structs were turned away"),
                ty,
                cfgs: field
                    .attrs
                    .iter()
                    .filter(|attribute| attribute.path().is_ident("cfg"))
                    .cloned()
                    .collect(),
                pinned: field.attrs.len() != all,
            });
        }
        Ok(Self {
            vis: item.vis.clone(),
            name: item.ident.clone(),
            generics,
            fields,
        })
    }

    /// The generics with a lifetime `'__pin` before the others.
    fn generics_with_pin(&self) -> Generics {
        let mut generics = self.generics.clone();
        generics.params.insert(0, parse_quote!('__pin));
        generics
    }

    /// `project` and the struct that it returns.
    fn projection(&self) -> TokenStream {
        let Self { vis, name, .. } = self;
        let (parameters, arguments, bounds) = self.generics.split_for_impl();
        let with_pin = self.generics_with_pin();
        let (_, arguments_with_pin, _) = with_pin.split_for_impl();
        let projection = format_ident!("{name}Projection");
        let this = Ident::new("this", Span::mixed_site());

        let declared = self.fields.iter().map(|field| {
            let Field {
                vis,
                name,
                ty,
                cfgs,
                ..
            } = field;
            let ty = if field.pinned {
                quote!(::core::pin::Pin<&'__pin mut #ty>)
            } else {
                quote!(&'__pin mut #ty)
            };
            quote!(#(#cfgs)* #vis #name: #ty,)
        });
        let projected = self.fields.iter().map(|field| {
            let Field { name, cfgs, .. } = field;
            let value = if field.pinned {
                quote! {
                    // SAFETY: `#[pin]` says that the field is pinned with the whole.
                    unsafe { ::core::pin::Pin::new_unchecked(&mut #this.#name) }
                }
            } else {
                quote!(&mut #this.#name)
            };
            quote!(#(#cfgs)* #name: #value,)
        });
        let (pinned, free): (Vec<_>, Vec<_>) = self.fields.iter().partition(|field| field.pinned);
        let summary = format!("The fields of a pinned [`{name}`].");
        let list = |label: &str, fields: &[&Field]| {
            let names: Vec<_> = fields
                .iter()
                .map(|field| format!("`{}`", field.name))
                .collect();
            format!(
                "{label}: {}.",
                if names.is_empty() {
                    "none".into()
                } else {
                    names.join(", ")
                }
            )
        };
        let (pinned, free) = (list("Pinned", &pinned), list("Not pinned", &free));
        quote! {
            #[doc = #summary]
            #[doc(hidden)]
            #[allow(dead_code, non_snake_case, explicit_outlives_requirements)]
            #vis struct #projection #with_pin #bounds {
                #(#declared)*
                ___pin: ::core::marker::PhantomData<&'__pin mut ()>,
            }

            impl #parameters #name #arguments #bounds {
                /// Gives access to every field at once.
                ///
                #[doc = #pinned]
                ///
                #[doc = #free]
                #[allow(dead_code)]
                #[inline]
                #vis fn project<'__pin>(
                    self: ::core::pin::Pin<&'__pin mut Self>,
                ) -> #projection #arguments_with_pin {
                    // SAFETY: Nothing is moved, and pinned fields leave here as `Pin` only.
                    let #this = unsafe { ::core::pin::Pin::get_unchecked_mut(self) };
                    #projection {
                        #(#projected)*
                        ___pin: ::core::marker::PhantomData,
                    }
                }
            }
        }
    }

    /// `HasPinData`, and the type behind it: a function for each field that hands out its slot.
    fn description(&self) -> TokenStream {
        let Self {
            vis,
            name,
            generics,
            ..
        } = self;
        let (parameters, arguments, bounds) = generics.split_for_impl();
        let accessors = self.fields.iter().map(|field| {
            let Field {
                vis,
                name: field_name,
                ty,
                cfgs,
                ..
            } = field;
            let kind = if field.pinned {
                quote!(::pin_init::__internal::Pinned)
            } else {
                quote!(::pin_init::__internal::Unpinned)
            };
            quote! {
                #(#cfgs)*
                #[inline(always)]
                #vis unsafe fn #field_name(
                    self,
                    slot: *mut #name #arguments,
                ) -> ::pin_init::__internal::Slot<#kind, #ty> {
                    // SAFETY: The caller's promise about the whole holds for the field, which is
                    // pinned with the whole if `#[pin]` says so.
                    unsafe { ::pin_init::__internal::Slot::new(&raw mut (*slot).#field_name) }
                }
            }
        });
        quote! {
            #[doc(hidden)]
            #[allow(explicit_outlives_requirements)]
            #vis struct __PinData #generics #bounds {
                of: ::pin_init::__internal::PhantomInvariant<#name #arguments>,
            }

            impl #parameters ::core::clone::Clone for __PinData #arguments #bounds {
                fn clone(&self) -> Self {
                    *self
                }
            }

            impl #parameters ::core::marker::Copy for __PinData #arguments #bounds {}

            #[allow(dead_code, non_snake_case, clippy::missing_safety_doc)]
            impl #parameters __PinData #arguments #bounds {
                #(#accessors)*
            }

            // SAFETY: Only the macros use it.
            unsafe impl #parameters ::pin_init::__internal::PinData for __PinData #arguments #bounds
            {
                type Datee = #name #arguments;
            }

            // SAFETY: The accessors above give each field the slot that `#[pin]` asks for.
            unsafe impl #parameters ::pin_init::__internal::HasPinData for #name #arguments #bounds
            {
                type PinData = __PinData #arguments;

                unsafe fn __pin_data() -> Self::PinData {
                    __PinData { of: ::pin_init::__internal::PhantomInvariant::new() }
                }
            }
        }
    }

    /// `Unpin`, when all pinned fields are.
    fn unpin(&self) -> TokenStream {
        let Self { name, generics, .. } = self;
        let (_, arguments, bounds) = generics.split_for_impl();
        let predicates = bounds.map(|bounds| &bounds.predicates);
        let with_pin = self.generics_with_pin();
        let (parameters_with_pin, arguments_with_pin, _) = with_pin.split_for_impl();
        let pinned = self
            .fields
            .iter()
            .filter(|field| field.pinned)
            .map(|field| {
                let Field { name, ty, cfgs, .. } = field;
                quote!(#(#cfgs)* #name: #ty,)
            });
        quote! {
            // The pinned fields alone decide. As fields of a struct they may have a `#[cfg]`, and
            // its lifetime keeps the bound below from being taken for one that is always false.
            #[allow(dead_code, non_snake_case, explicit_outlives_requirements)]
            struct __PinnedFields #with_pin #bounds {
                ___pin: ::pin_init::__internal::PhantomInvariant<&'__pin ()>,
                ___of: ::pin_init::__internal::PhantomInvariant<#name #arguments>,
                #(#pinned)*
            }

            #[doc(hidden)]
            impl #parameters_with_pin ::core::marker::Unpin for #name #arguments
            where
                __PinnedFields #arguments_with_pin: ::core::marker::Unpin,
                #predicates
            {}
        }
    }

    /// With `PinnedDrop`: a `Drop` that calls it.
    fn drop_glue(&self) -> TokenStream {
        let name = &self.name;
        let (parameters, arguments, bounds) = self.generics.split_for_impl();
        quote! {
            impl #parameters ::core::ops::Drop for #name #arguments #bounds {
                fn drop(&mut self) {
                    // SAFETY: A value that is dropped never moves again.
                    let this = unsafe { ::core::pin::Pin::new_unchecked(self) };
                    // SAFETY: This is the destructor, the one place from which to call the other.
                    let token = unsafe { ::pin_init::__internal::OnlyCallFromDrop::new() };
                    ::pin_init::PinnedDrop::drop(this, token);
                }
            }
        }
    }

    /// Without it: makes `Drop` an error, as it would get a plain `&mut Self` to a pinned value,
    /// and `PinnedDrop` as well, as nothing would call it.
    fn drop_ban(&self) -> TokenStream {
        let name = &self.name;
        let (parameters, arguments, bounds) = self.generics.split_for_impl();
        // A trait for everything that has the other trait, and for this type: a conflict if it has.
        quote! {
            trait MustNotImplDrop {}
            #[allow(drop_bounds)]
            impl<T: ::core::ops::Drop + ?::core::marker::Sized> MustNotImplDrop for T {}
            impl #parameters MustNotImplDrop for #name #arguments #bounds {}

            trait PinnedDropNeedsPinDataWithPinnedDrop {}
            impl<T: ::pin_init::PinnedDrop + ?::core::marker::Sized>
                PinnedDropNeedsPinDataWithPinnedDrop for T {}
            impl #parameters PinnedDropNeedsPinDataWithPinnedDrop for #name #arguments #bounds {}
        }
    }

    /// A warning for each `PhantomPinned` that lacks its `#[pin]`.
    fn idle_markers(&self) -> TokenStream {
        self.fields
            .iter()
            .filter(|field| !field.pinned && is_phantom_pinned(&field.ty))
            .map(|field| {
                let cfgs = &field.cfgs;
                let note = format!(
                    "`{}` of type `PhantomPinned` does nothing unless it is marked `#[pin]`",
                    field.name
                );
                // The one warning that a macro can give on a stable compiler.
                quote_spanned! {field.ty.span()=>
                    #(#cfgs)*
                    const _: () = {
                        #[deprecated(note = #note)]
                        const fn idle_marker() {}
                        idle_marker()
                    };
                }
            })
            .collect()
    }
}

/// Whether this is `PhantomPinned`, by any of the paths to it.
fn is_phantom_pinned(ty: &Type) -> bool {
    let Type::Path(ty) = ty else { return false };
    let names: Vec<_> = ty
        .path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    ty.qself.is_none()
        && matches!(
            names.iter().map(String::as_str).collect::<Vec<_>>()[..],
            ["PhantomPinned"]
                | ["marker", "PhantomPinned"]
                | ["core" | "std", "marker", "PhantomPinned"]
        )
}

/// Puts a type where `Self` stands.
struct SelfIs(Type);

impl SelfIs {
    /// Of a path that begins with `Self`: drops that segment, and returns what the rest hangs on.
    fn split(&self, path: &mut Path) -> Option<QSelf> {
        if path.leading_colon.is_some() || path.segments.first()?.ident != "Self" {
            return None;
        }
        path.segments = path.segments.iter().skip(1).cloned().collect();
        path.leading_colon = Some(Default::default());
        Some(QSelf {
            lt_token: Default::default(),
            ty: Box::new(self.0.clone()),
            position: 0,
            as_token: None,
            gt_token: Default::default(),
        })
    }
}

impl VisitMut for SelfIs {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Path(path) if path.qself.is_none() && path.path.is_ident("Self") => {
                *ty = self.0.clone();
            }
            Type::Path(path) => {
                if path.qself.is_none() {
                    path.qself = self.split(&mut path.path);
                }
                visit_mut::visit_type_path_mut(self, path);
            }
            _ => visit_mut::visit_type_mut(self, ty),
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Path(path) = expr {
            if path.qself.is_none() && path.path.segments.len() > 1 {
                path.qself = self.split(&mut path.path);
            }
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    // An item has a `Self` of its own.
    fn visit_item_mut(&mut self, _: &mut Item) {}
}
