// SPDX-License-Identifier: GPL-2.0

//! `module!`: what makes a crate a kernel module.

mod input;

use input::{Input, Parameter};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use std::{env, ffi::CString};
use syn::{spanned::Spanned, LitStr, Result};

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let input: Input = syn::parse2(input)?;
    let identity = identity(&input);
    let information = information(&input, env::var("RUST_MODFILE").ok().as_deref());
    let parameters = parameters(&input);
    let entry = entry(&input);
    Ok(quote! {
        #identity
        #information
        #parameters
        #entry
    })
}

/// Who the module is, for the rest of the crate.
fn identity(Input { r#type, name, .. }: &Input) -> TokenStream {
    let prefix = bytes(&name.value());
    let c_name = c_literal(&name.value());
    let length_check = quote_spanned! {name.span()=>
        const _: () = ::core::assert!(
            #name.len() < 64 - ::core::mem::size_of::<::kernel::ffi::c_ulong>(),
            "the name of the module is too long for `MODULE_NAME_LEN`",
        );
    };
    let metadata = quote_spanned! {r#type.span()=>
        impl ::kernel::ModuleMetadata for #r#type {
            const NAME: &'static ::core::ffi::CStr = #c_name;
        }
    };
    quote! {
        /// What the lines that this crate prints begin with.
        #[doc(hidden)]
        #[allow(dead_code)]
        const __LOG_PREFIX: &[u8] = #prefix;

        /// The type that this module is.
        #[doc(hidden)]
        #[allow(dead_code)]
        type LocalModule = #r#type;

        #length_check
        #metadata

        /// This module.
        #[allow(unexpected_cfgs)]
        static THIS_MODULE: ::kernel::ThisModule = {
            #[cfg(MODULE)]
            let pointer = {
                extern "C" {
                    static mut __this_module: ::kernel::bindings::module;
                }
                &raw mut __this_module
            };
            // What is built in is no module to the kernel.
            #[cfg(not(MODULE))]
            let pointer = ::core::ptr::null_mut();
            // SAFETY: It is null, or of this module: the loader makes `__this_module` for each.
            unsafe { ::kernel::ThisModule::from_ptr(pointer) }
        };
    }
}

/// A `key=value` for `modinfo`, like [`MODULE_INFO`] in C.
///
/// [`MODULE_INFO`]: srctree/include/linux/moduleparam.h
fn entry_of_information(module: &str, key: &str, value: &str) -> TokenStream {
    let forms = forms_of_information(module, key, value);
    quote! {
        #[allow(unexpected_cfgs)]
        const _: () = {
            #(#forms)*
        };
    }
}

/// The same for a module that can be loaded, and for one that is built in.
fn forms_of_information(module: &str, key: &str, value: &str) -> [TokenStream; 2] {
    // All that is built in shares one section, so there the module is named.
    let forms = [
        (quote!(MODULE), format!("{key}={value}")),
        (quote!(not(MODULE)), format!("{module}.{key}={value}")),
    ];
    forms.map(|(condition, text)| {
        let length = text.len() + 1;
        let text = bytes(&text);
        quote! {
            #[cfg(#condition)]
            ::kernel::__in_section! {
                ".modinfo" static INFORMATION: [u8; #length] = *#text;
            }
        }
    })
}

/// What `modinfo` tells. `file` is the object file that Kbuild makes, without its extension.
fn information(input: &Input, file: Option<&str>) -> TokenStream {
    let module = input.name.value();
    let entry = |key: &str, value: &str| entry_of_information(&module, key, value);
    let each = |key: &'static str, values: &[LitStr]| {
        let entries = values.iter().map(|value| entry(key, &value.value()));
        entries.collect::<TokenStream>()
    };

    let mut entries = TokenStream::new();
    entries.extend(each("author", &input.authors));
    entries.extend(each("description", input.description.as_slice()));
    entries.extend(each("license", std::slice::from_ref(&input.license)));
    entries.extend(each("alias", &input.alias));
    entries.extend(each("firmware", &input.firmware));
    entries.extend(each("import_ns", &input.imports_ns));
    if let Some(file) = file {
        // The build makes a list of what is built in, with the files.
        let [_, built_in] = forms_of_information(&module, "file", file);
        entries.extend(quote! {
            #[allow(unexpected_cfgs)]
            const _: () = {
                #built_in
            };
        });
    }
    for parameter in &input.params {
        let Parameter {
            name,
            r#type,
            description,
            ..
        } = parameter;
        let type_text = quote!(#r#type).to_string().replace(' ', "");
        entries.extend(entry("parmtype", &format!("{name}:{type_text}")));
        entries.extend(entry("parm", &format!("{name}:{}", description.value())));
    }
    entries
}

/// The parameters, in a module of their own.
fn parameters(input: &Input) -> TokenStream {
    if input.params.is_empty() {
        return TokenStream::new();
    }
    let parameters = input.params.iter().map(|parameter| {
        let Parameter {
            name,
            r#type,
            default,
            description,
        } = parameter;
        let plain = c_literal(&name.to_string());
        // All that is built in shares the kernel's command line, so there the module is named.
        let prefixed = c_literal(&format!("{}.{name}", input.name.value()));
        let access = quote_spanned! {r#type.span()=>
            ::kernel::module_param::ModuleParamAccess<#r#type>
        };
        let registration = quote_spanned! {r#type.span()=>
            ::kernel::module_param::KernelParam::new::<#r#type>(NAME, &THIS_MODULE, &#name)
        };
        quote! {
            #[doc = #description]
            #[allow(non_upper_case_globals)]
            pub(crate) static #name: #access =
                ::kernel::module_param::ModuleParamAccess::new({
                    const DEFAULT: #r#type = #default;
                    DEFAULT
                });

            #[allow(unexpected_cfgs)]
            const _: () = {
                #[cfg(MODULE)]
                const NAME: &::core::ffi::CStr = #plain;
                #[cfg(not(MODULE))]
                const NAME: &::core::ffi::CStr = #prefixed;

                ::kernel::__in_section! {
                    "__param"
                    static PARAMETER: ::kernel::module_param::KernelParam = #registration;
                }
            };
        }
    });
    quote! {
        /// The parameters of this module.
        mod module_parameters {
            use super::*;

            #(#parameters)*
        }
    }
}

/// How the kernel starts and ends the module.
fn entry(Input { r#type, name, .. }: &Input) -> TokenStream {
    // These show up in `initcall_debug`, and `initcall_blacklist` takes them.
    let symbol = |end: &str| -> Ident {
        let name = name.value().replace('-', "_");
        format_ident!("__{name}_{end}")
    };
    let init = symbol("init");
    let exit = symbol("exit");
    let label = symbol("initcall");
    let label = format!("{label}:");

    let init_text = quote!(#[cfg_attr(not(target_os = "macos"), link_section = ".init.text")]);
    let exit_text = quote!(#[cfg_attr(not(target_os = "macos"), link_section = ".exit.text")]);

    let start = quote_spanned! {r#type.span()=>
        ::kernel::ModuleSlot::init(&MODULE, &THIS_MODULE)
    };
    quote! {
        #[doc(hidden)]
        #[allow(unexpected_cfgs)]
        mod __module_entry {
            use super::{LocalModule, THIS_MODULE};
            use ::kernel::ffi::c_int;

            static MODULE: ::kernel::ModuleSlot<LocalModule> = ::kernel::ModuleSlot::new();

            fn start() -> c_int {
                // SAFETY: Of the functions below there is one that calls this. The kernel calls it
                // once, and before the one that calls `end`.
                unsafe { #start }
            }

            #[allow(dead_code)]
            fn end() {
                // SAFETY: The kernel calls this once, and only after `start` succeeded.
                unsafe { ::kernel::ModuleSlot::drop(&MODULE) }
            }

            #[cfg(MODULE)]
            #[no_mangle]
            #init_text
            extern "C" fn init_module() -> c_int {
                start()
            }

            #[cfg(MODULE)]
            #[no_mangle]
            #exit_text
            extern "C" fn cleanup_module() {
                end()
            }

            // Link-time optimisation keeps what something refers to, as `__ADDRESSABLE` does in C.
            #[cfg(MODULE)]
            ::kernel::__in_section! {
                ".init.data" static KEEP_INIT: extern "C" fn() -> c_int = init_module;
            }

            #[cfg(MODULE)]
            ::kernel::__in_section! {
                ".exit.data" static KEEP_EXIT: extern "C" fn() = cleanup_module;
            }

            #[cfg(not(MODULE))]
            #[no_mangle]
            #init_text
            extern "C" fn #init() -> c_int {
                start()
            }

            #[cfg(not(MODULE))]
            #[no_mangle]
            #exit_text
            extern "C" fn #exit() {
                end()
            }

            #[cfg(all(not(MODULE), not(CONFIG_HAVE_ARCH_PREL32_RELOCATIONS)))]
            ::kernel::__in_section! {
                ".initcall6.init" static INITCALL: extern "C" fn() -> c_int = #init;
            }

            // There, the table holds distances instead of addresses.
            #[cfg(all(
                not(MODULE),
                CONFIG_HAVE_ARCH_PREL32_RELOCATIONS,
                not(target_os = "macos"),
            ))]
            ::core::arch::global_asm!(
                ".section .initcall6.init, \"a\"",
                #label,
                ".long {init} - .",
                ".previous",
                init = sym #init,
            );

            #[cfg(not(MODULE))]
            ::kernel::__in_section! {
                ".exitcall.exit" static EXITCALL: extern "C" fn() = #exit;
            }
        }
    }
}

/// A byte string with a NUL at its end.
fn bytes(text: &str) -> Literal {
    Literal::byte_string(format!("{text}\0").as_bytes())
}

/// A C string. The text was checked for NULs when it was read.
fn c_literal(text: &str) -> Literal {
    let mut literal = Literal::c_string(&CString::new(text).unwrap_or_default());
    literal.set_span(Span::call_site());
    literal
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

    fn sample() -> Input {
        syn::parse_quote! {
            type: Sample,
            name: "a-sample",
            authors: ["One", "Zwölf <z@example.org>"],
            license: "GPL",
            params: { speed: u8 { default: 1, description: "How fast" } },
        }
    }

    #[test]
    fn the_crate_learns_who_it_is() {
        let code = identity(&sample()).to_string();
        assert!(code.contains(r#"const __LOG_PREFIX : & [u8] = b"a-sample\0" ;"#));
        assert!(code.contains(r#"CStr = c"a-sample" ;"#));
        assert!(code.contains("type LocalModule = Sample ;"));
        assert_eq!(code.matches("static THIS_MODULE").count(), 1);
    }

    #[test]
    fn information_has_two_forms() {
        let code = entry_of_information("name", "key", "a \"b\"").to_string();
        assert!(
            code.contains(r#"[u8 ; 10usize] = * b"key=a \"b\"\0""#),
            "{code}"
        );
        assert!(
            code.contains(r#"[u8 ; 15usize] = * b"name.key=a \"b\"\0""#),
            "{code}"
        );
    }

    #[test]
    fn information_lists_everything() {
        let code = information(&sample(), Some("drivers/a_sample")).to_string();
        for plain in [
            r#"b"author=One\0""#,
            r#"b"author=Zw\xC3\xB6lf <z@example.org>\0""#,
            r#"b"license=GPL\0""#,
            r#"b"parmtype=speed:u8\0""#,
            r#"b"parm=speed:How fast\0""#,
            r#"b"a-sample.file=drivers/a_sample\0""#,
        ] {
            assert!(code.contains(plain), "{plain} in {code}");
        }
        assert!(!information(&sample(), None).to_string().contains("file="));
    }

    #[test]
    fn parameters_have_two_names() {
        let code = parameters(&sample()).to_string();
        assert!(code.contains(r#"c"speed""#) && code.contains(r#"c"a-sample.speed""#));
        assert!(code.contains(&text(quote!(ModuleParamAccess<u8>))));
        let mut plain = sample();
        plain.params.clear();
        assert!(parameters(&plain).is_empty());
    }

    #[test]
    fn symbols_are_identifiers() {
        let code = entry(&sample()).to_string();
        assert!(code.contains("fn __a_sample_init ()") && code.contains("fn __a_sample_exit ()"));
        assert!(code.contains("\"__a_sample_initcall:\""));
    }

    #[test]
    fn the_whole_is_rust() {
        let code = expanded(quote! {
            type: Sample, name: "s", license: "GPL",
            params: { a: i8 { default: -1, description: "d" } },
        });
        syn::parse_file(&code).unwrap();
    }
}
