// SPDX-License-Identifier: GPL-2.0

//! `#[kunit_tests]`: a module of `#[test]` functions as a KUnit suite.

use crate::util::{cfgs, combine, error_at, name_of};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use std::ffi::CString;
use syn::{
    parse2, parse_quote, parse_quote_spanned,
    spanned::Spanned,
    visit_mut::{self, VisitMut},
    Attribute, Block, Error, ExprConst, ImplItemConst, ImplItemFn, Item, ItemConst, ItemFn,
    ItemMod, ItemStatic, Macro, Result, ReturnType, Signature, Stmt, TraitItemConst, TraitItemFn,
};

/// The room that `struct kunit_suite` has for a name, less its terminator.
const MAX_SUITE_NAME: usize = 255;

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let suite = suite_name(arguments)?;
    let module = match parse2(item)? {
        Item::Mod(module) => module,
        other => return error_at(other, "`#[kunit_tests]` stands on a module"),
    };
    let ItemMod {
        attrs,
        vis,
        unsafety,
        mod_token,
        ident,
        content,
        ..
    } = module;
    let Some((_, mut items)) = content else {
        return error_at(
            ident,
            "`#[kunit_tests]` needs the tests in this file: `mod tests { … }`",
        );
    };

    let tests = collect_tests(&mut items)?;
    let mut asserts = Asserts {
        suite: name_of(&suite),
        tests: tests.iter().map(|test| test.name.clone()).collect(),
        depth: 0,
    };
    for item in &mut items {
        asserts.visit_item_mut(item);
    }

    let cases = tests.iter().map(
        |Test {
             name, conditions, ..
         }| {
            let text = name_of(name);
            let c_text = c_literal(&text, name.span());
            let wrapper = wrapper_of(name);
            quote! {
                #(#conditions)*
                ::kernel::kunit::kunit_case(#c_text, #wrapper)
            }
        },
    );
    let counted = tests
        .iter()
        .map(|Test { conditions, .. }| quote!(#(#conditions)* ()));
    let wrappers = tests.iter().map(wrap);

    let module = quote! {
        #(#attrs)*
        #vis #unsafety #mod_token #ident {
            #(#items)*

            #(#wrappers)*

            /// How many of the tests this configuration has.
            const __KUNIT_CASES: usize = <[()]>::len(&[#(#counted),*]);

            // KUnit keeps its results in here. The list ends with a case without a function.
            static mut __KUNIT_TEST_CASES: [::kernel::bindings::kunit_case; __KUNIT_CASES + 1] = [
                #(#cases,)*
                // SAFETY: The structure holds pointers and numbers, which may all be zero.
                unsafe { ::core::mem::zeroed() },
            ];

            ::kernel::kunit_unsafe_test_suite!(#suite, __KUNIT_TEST_CASES);
        }
    };
    Ok(quote!(::kernel::__if_kunit! { #module }))
}

fn suite_name(arguments: TokenStream) -> Result<Ident> {
    if arguments.is_empty() {
        return Err(Error::new(
            Span::call_site(),
            "the name of the suite is missing: `#[kunit_tests(name)]`",
        ));
    }
    let Ok(name) = parse2::<Ident>(arguments.clone()) else {
        return error_at(arguments, "the name of a suite is one identifier");
    };
    if name_of(&name).len() > MAX_SUITE_NAME {
        return error_at(
            name,
            format_args!("the name of a suite is at most {MAX_SUITE_NAME} bytes long"),
        );
    }
    Ok(name)
}

/// A function with `#[test]`.
struct Test {
    name: Ident,
    /// Where it says what it returns.
    result: Span,
    conditions: Vec<Attribute>,
}

/// Finds the tests, and takes `#[test]` from them, which would ask for the host's test harness.
fn collect_tests(items: &mut [Item]) -> Result<Vec<Test>> {
    let mut tests = Vec::new();
    let mut errors = None;
    for item in items {
        let Item::Fn(function) = item else { continue };
        let before = function.attrs.len();
        function
            .attrs
            .retain(|attribute| !attribute.path().is_ident("test"));
        if function.attrs.len() == before {
            continue;
        }
        match check_test(function) {
            Ok(()) => tests.push(Test {
                name: function.sig.ident.clone(),
                result: match &function.sig.output {
                    ReturnType::Type(_, result) => result.span(),
                    ReturnType::Default => function.sig.ident.span(),
                },
                conditions: cfgs(&function.attrs),
            }),
            Err(error) => combine(&mut errors, error),
        }
    }
    match errors {
        Some(error) => Err(error),
        None => Ok(tests),
    }
}

fn check_test(function: &ItemFn) -> Result<()> {
    for attribute in &function.attrs {
        for unsupported in ["ignore", "should_panic"] {
            if attribute.path().is_ident(unsupported) {
                return error_at(attribute, format_args!("KUnit has no `#[{unsupported}]`"));
            }
        }
    }
    let signature = &function.sig;
    if !signature.generics.params.is_empty() {
        return error_at(&signature.generics, "a test has no generic parameters");
    }
    if !signature.inputs.is_empty() {
        return error_at(&signature.inputs, "a test takes no arguments");
    }
    if let Some(keyword) = &signature.asyncness {
        return error_at(keyword, "a test cannot be `async`");
    }
    if let Some(keyword) = &signature.unsafety {
        return error_at(
            keyword,
            "a test cannot be `unsafe`: nobody vouches for its call",
        );
    }
    Ok(())
}

fn wrapper_of(test: &Ident) -> Ident {
    format_ident!("__kunit_run_{}", name_of(test), span = test.span())
}

/// The function that KUnit calls.
fn wrap(test: &Test) -> TokenStream {
    let Test {
        name,
        result,
        conditions,
    } = test;
    let wrapper = wrapper_of(name);
    let condition = quote_spanned!(*result=> is_test_result_ok(#name()));
    let assert = assert_call(&name_of(name), name.span(), condition);
    quote_spanned! {name.span()=>
        #(#conditions)*
        extern "C" fn #wrapper(_test: *mut ::kernel::bindings::kunit) {
            use ::kernel::kunit::is_test_result_ok;

            #assert
        }
    }
}

/// A KUnit assertion, reported under the name of a test. The line is that of the span.
fn assert_call(test: &str, span: Span, condition: TokenStream) -> TokenStream {
    let file = file();
    quote_spanned!(span=> ::kernel::kunit_assert!(#test, #file, 0, #condition);)
}

/// The user's file, as a C string. The compiler fills it in where the assertion stands.
fn file() -> TokenStream {
    quote! {
        const {
            match ::core::ffi::CStr::from_bytes_with_nul(
                ::core::concat!(::core::file!(), "\0").as_bytes(),
            ) {
                ::core::result::Result::Ok(file) => file,
                ::core::result::Result::Err(_) => c"",
            }
        }
    }
}

fn c_literal(text: &str, span: Span) -> Literal {
    // An identifier has no NUL in it.
    let text = CString::new(text).unwrap_or_default();
    let mut literal = Literal::c_string(&text);
    literal.set_span(span);
    literal
}

/// Makes the assertions in functions report to KUnit.
///
/// A function gets macros of its own at its beginning, which hide the ones of `core`. They can't be
/// used where a constant is evaluated, so there the one of `core` is named in full.
struct Asserts {
    suite: String,
    tests: Vec<Ident>,
    /// How many bodies with such macros surround this place.
    depth: usize,
}

impl Asserts {
    /// Visits a function. A failure is reported under the name of the test, or of the suite if the
    /// function is not a test itself.
    fn in_function(&mut self, signature: &Signature, block: &mut Block) {
        if signature.constness.is_some() {
            self.in_constant(|constants| constants.visit_block_mut(block));
            return;
        }
        self.depth += 1;
        visit_mut::visit_block_mut(self, block);
        self.depth -= 1;
        // A function inside of another one sees the macros of that.
        if self.depth == 0 {
            let ident = &signature.ident;
            let name = match self.tests.contains(ident) {
                true => name_of(ident),
                false => self.suite.clone(),
            };
            block.stmts.splice(0..0, assert_macros(&name));
        }
    }

    /// Visits what the compiler evaluates.
    fn in_constant(&self, visit: impl FnOnce(&mut Constants)) {
        if self.depth > 0 {
            visit(&mut Constants);
        }
    }
}

impl VisitMut for Asserts {
    fn visit_item_fn_mut(&mut self, function: &mut ItemFn) {
        self.in_function(&function.sig, &mut function.block);
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        self.in_function(&function.sig, &mut function.block);
    }

    fn visit_trait_item_fn_mut(&mut self, function: &mut TraitItemFn) {
        if let Some(block) = &mut function.default {
            self.in_function(&function.sig, block);
        }
    }

    fn visit_item_const_mut(&mut self, item: &mut ItemConst) {
        self.in_constant(|constants| constants.visit_item_const_mut(item));
    }

    fn visit_item_static_mut(&mut self, item: &mut ItemStatic) {
        self.in_constant(|constants| constants.visit_item_static_mut(item));
    }

    fn visit_impl_item_const_mut(&mut self, item: &mut ImplItemConst) {
        self.in_constant(|constants| constants.visit_impl_item_const_mut(item));
    }

    fn visit_trait_item_const_mut(&mut self, item: &mut TraitItemConst) {
        self.in_constant(|constants| constants.visit_trait_item_const_mut(item));
    }

    fn visit_expr_const_mut(&mut self, block: &mut ExprConst) {
        self.in_constant(|constants| constants.visit_expr_const_mut(block));
    }
}

/// Names the `assert!` of `core` in full.
struct Constants;

impl VisitMut for Constants {
    fn visit_macro_mut(&mut self, invocation: &mut Macro) {
        if invocation.path.is_ident("assert") {
            invocation.path = parse_quote_spanned!(invocation.path.span()=> ::core::assert);
        }
    }
}

/// The macros that a function gets.
fn assert_macros(test: &str) -> Vec<Stmt> {
    let file = file();
    let block: Block = parse_quote! {{
        #[allow(unused_macros)]
        macro_rules! assert {
            ($condition:expr $(,)?) => {
                ::kernel::kunit_assert!(#test, #file, 0, $condition)
            };
            ($condition:expr, $($message:tt)+) => {{
                let condition: bool = $condition;
                if !condition {
                    ::kernel::kunit::info(::kernel::prelude::fmt!(
                        "    # {}\n",
                        ::kernel::prelude::fmt!($($message)+)
                    ));
                }
                ::kernel::kunit_assert!(#test, #file, 0, condition)
            }};
        }
        #[allow(unused_macros)]
        macro_rules! assert_eq {
            ($left:expr, $right:expr $(,)?) => {
                ::kernel::kunit_assert_eq!(#test, #file, 0, $left, $right)
            };
            ($left:expr, $right:expr, $($message:tt)+) => {
                assert!($left == $right, $($message)+)
            };
        }
        #[allow(unused_macros)]
        macro_rules! assert_ne {
            ($left:expr, $right:expr $(,)?) => {
                assert!($left != $right)
            };
            ($left:expr, $right:expr, $($message:tt)+) => {
                assert!($left != $right, $($message)+)
            };
        }
    }};
    block.stmts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(item: TokenStream) -> String {
        expand(quote!(suite), item).unwrap().to_string()
    }

    fn error(arguments: TokenStream, item: TokenStream) -> String {
        expand(arguments, item).unwrap_err().to_string()
    }

    fn text(tokens: TokenStream) -> String {
        tokens.to_string()
    }

    #[test]
    fn only_tests_become_cases() {
        let code = expanded(quote! {
            mod tests {
                fn helper() {}
                #[test]
                #[cfg(CONFIG_X)]
                fn first() {}
                #[test]
                fn second() -> Result { Ok(()) }
            }
        });
        assert!(!code.contains("# [test]"));
        assert_eq!(code.matches("kunit_case (c").count(), 2);
        assert!(code.contains(&text(quote!(
            #[cfg(CONFIG_X)]
            ::kernel::kunit::kunit_case(c"first", __kunit_run_first)
        ))));
        assert!(code.contains(&text(quote!(&[
            #[cfg(CONFIG_X)]
            (),
            ()
        ]))));
        assert!(code.contains(&text(quote!(is_test_result_ok(second())))));
        assert!(code.contains(&text(quote!(kunit_unsafe_test_suite!(
            suite,
            __KUNIT_TEST_CASES
        )))));
    }

    #[test]
    fn functions_report_under_the_right_name() {
        let code = expanded(quote! {
            mod tests {
                fn helper() { assert!(true); }
                #[test]
                fn case() {
                    fn inner() { assert!(true); }
                    inner();
                }
            }
        });
        assert_eq!(code.matches("macro_rules ! assert {").count(), 2);
        let (helper, case) = code.split_at(code.find("fn case").unwrap());
        assert!(helper.contains("(\"suite\" , const"));
        assert!(case.contains("(\"case\" , const"));
    }

    #[test]
    fn constants_keep_the_assertions_of_core() {
        let code = expanded(quote! {
            mod tests {
                const A: () = assert!(true);
                const fn f() { assert!(true); }
                #[test]
                fn case() {
                    const B: () = assert!(true);
                    const { assert!(true, "b") }
                    const fn g() { assert!(true); }
                    assert!(2 > 1);
                }
            }
        });
        assert_eq!(code.matches(":: core :: assert ! (true").count(), 3);
        assert!(code.contains(&text(quote!(
            const A: () = assert!(true);
        ))));
        assert!(code.contains(&text(quote!(assert!(2 > 1);))));
    }

    #[test]
    fn misuse_is_refused() {
        let in_module = |function| error(quote!(suite), quote!(mod tests { #function }));
        assert!(in_module(quote!(
            #[test]
            fn f(x: u8) {}
        ))
        .contains("no arguments"));
        assert!(in_module(quote!(
            #[test]
            fn f<T>() {}
        ))
        .contains("generic"));
        assert!(in_module(quote!(
            #[test]
            async fn f() {}
        ))
        .contains("async"));
        assert!(in_module(quote!(
            #[test]
            unsafe fn f() {}
        ))
        .contains("unsafe"));
        assert!(in_module(quote!(
            #[test]
            #[ignore]
            fn f() {}
        ))
        .contains("ignore"));
        assert!(in_module(quote!(
            #[should_panic]
            #[test]
            fn f() {}
        ))
        .contains("should_panic"));
        assert!(error(
            quote!(suite),
            quote!(
                mod tests;
            )
        )
        .contains("in this file"));
        assert!(error(
            quote!(suite),
            quote!(
                fn f() {}
            )
        )
        .contains("on a module"));
        assert!(error(
            quote!(),
            quote!(
                mod tests {}
            )
        )
        .contains("missing"));
        assert!(error(
            quote!("x"),
            quote!(
                mod tests {}
            )
        )
        .contains("identifier"));
        let long = format_ident!("{}", "x".repeat(256));
        assert!(error(
            quote!(#long),
            quote!(
                mod tests {}
            )
        )
        .contains("255"));
    }
}
