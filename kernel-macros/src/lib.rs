// SPDX-License-Identifier: GPL-2.0

//! The procedural macros of the kernel's Rust code.
//!
//! Drivers reach them through the `kernel` crate: most are in its prelude, all of them are in
//! `kernel::macros`. What they generate names the `kernel` crate as `::kernel`.
//!
//! | macro | in short |
//! | --- | --- |
//! | [`module!`] | makes a crate a kernel module: its data, its parameters, its entry points |
//! | [`vtable`](macro@vtable) | tells which optional functions of a table of operations exist |
//! | [`export`](macro@export) | defines a function that C declares, and compares the two |
//! | [`kunit_tests`](macro@kunit_tests) | turns a module of `#[test]` functions into a KUnit suite |
//! | [`fmt!`] | `format_args!` with the kernel's own notion of what can be displayed |
//! | [`paste!`] | makes identifiers out of pieces, anywhere in a stretch of code |
//! | [`concat_idents!`] | makes one identifier out of two |
//! | [`ForLt!`] | names a type that is still generic over one lifetime |
//!
//! A misuse is reported at the tokens that the user wrote. The examples here cannot run where they
//! stand: they need the `kernel` crate, which is built with these macros. The same macros are put
//! to work by the tests of that crate.

mod concat_idents;
mod export;
mod fmt;
mod for_lt;
mod format_string;
mod kunit;
mod module;
mod paste;
mod util;
mod vtable;

use proc_macro::TokenStream;

/// Makes the crate a kernel module.
///
/// It stands once, in the root of the crate, and takes `key: value` pairs in any order:
///
/// | key | value | |
/// | --- | --- | --- |
/// | `type` | a type that implements `kernel::Module` or `kernel::InPlaceModule` | required |
/// | `name` | string: the module's name, shorter than 56 bytes | required |
/// | `license` | string: one of the identifiers in [`include/linux/module.h`] | required |
/// | `authors` | list of strings, `"Name"` or `"Name <email>"` | |
/// | `description` | string | |
/// | `alias` | list of strings: other names under which user space may ask for the module | |
/// | `firmware` | list of strings: files that the module may load | |
/// | `imports_ns` | list of strings: symbol namespaces that the module uses | |
/// | `params` | the module's parameters, see below | |
///
/// The crate's root gets:
///
/// - `THIS_MODULE`, a static `kernel::ThisModule`;
/// - the beginning of the lines that the `pr_*` macros print;
/// - an implementation of `kernel::ModuleMetadata` for the type;
/// - the module's information, as [`MODULE_INFO`] makes it in C;
/// - the entry points. A loadable module is started when it is loaded, and its value dropped when
///   it is unloaded. A module that is built in is started with the other device initcalls and stays.
///
/// Starting means: `init` makes the initialiser, and the value is initialised in place, in a
/// static, so that its address never changes. When `init` fails, loading fails with its error.
///
/// # Parameters
///
/// `params` is a block of `name: type { default: value, description: "text" }`, where the type is
/// one that implements `kernel::module_param::ModuleParam`: the integers of up to 64 bits.
/// The value is read with `module_parameters::NAME.value()`. The user sets it when the module is
/// loaded (`insmod rust_sample.ko speed=3`), or, if the module is built in, on the command line of
/// the kernel (`rust_sample.speed=3`). It has no file in sysfs.
///
/// # Examples
///
/// ```ignore
/// // This needs the `kernel` crate, which is built with this macro.
/// use kernel::prelude::*;
///
/// module! {
///     type: Greeter,
///     name: "greeter",
///     authors: ["A. Author <author@example.org>"],
///     description: "Says hello",
///     license: "GPL",
///     alias: ["hello"],
///     params: {
///         times: u8 {
///             default: 1,
///             description: "How often to say it",
///         },
///     },
/// }
///
/// struct Greeter;
///
/// impl kernel::Module for Greeter {
///     fn init(_module: &'static ThisModule) -> Result<Self> {
///         for _ in 0..*module_parameters::times.value() {
///             pr_info!("hello\n");
///         }
///         Ok(Greeter)
///     }
/// }
///
/// impl Drop for Greeter {
///     fn drop(&mut self) {
///         pr_info!("good bye\n");
///     }
/// }
/// ```
///
/// [`include/linux/module.h`]: srctree/include/linux/module.h
/// [`MODULE_INFO`]: srctree/include/linux/moduleparam.h
#[proc_macro]
pub fn module(input: TokenStream) -> TokenStream {
    util::finish(module::expand(input.into()))
}

/// Tells, for each function of a trait, whether an implementation provides it.
///
/// C describes a set of operations as a structure of function pointers, and often treats a null
/// pointer as a case of its own: it falls back to something, or reports that the operation does not
/// exist. A trait whose functions have default bodies cannot express that. This attribute can: it
/// stands on the trait and on each implementation, and gives the trait a constant
/// `HAS_<FUNCTION>: bool` for each function, which is `true` in exactly the implementations that
/// provide the function. Whoever fills in the C structure looks at the constant.
///
/// The trait also gets the constant `USE_VTABLE_ATTR`, without a value, so that an implementation
/// that lacks the attribute does not compile.
///
/// The default body of an optional function is never to be called; let it be
/// `build_error!(VTABLE_DEFAULT_ERROR)`, from `kernel::error`, which fails the build if it is.
///
/// # Examples
///
/// ```ignore
/// // This needs the `kernel` crate, which is built with this macro.
/// use kernel::{error::VTABLE_DEFAULT_ERROR, prelude::*};
///
/// #[vtable]
/// pub trait Operations {
///     fn start(&self) -> Result;
///
///     fn poll(&self) -> Result<u32> {
///         build_error!(VTABLE_DEFAULT_ERROR)
///     }
/// }
///
/// struct Simple;
///
/// #[vtable]
/// impl Operations for Simple {
///     fn start(&self) -> Result {
///         Ok(())
///     }
/// }
///
/// assert!(Simple::HAS_START);
/// assert!(!Simple::HAS_POLL);
/// ```
#[proc_macro_attribute]
pub fn vtable(arguments: TokenStream, item: TokenStream) -> TokenStream {
    util::finish_attribute(item, |item| vtable::expand(arguments.into(), item))
}

/// Defines a function that C code calls by name.
///
/// The function keeps its name as its symbol. Its declaration is to be in a C header from which
/// the `bindings` crate is made, and the compiler checks that the two have exactly one type: the
/// ABI, each argument, the result, and that it is `unsafe`, as every function of `bindings` is.
///
/// Without this check a change to the C declaration would go unnoticed, and both sides would
/// disagree about the arguments at run time.
///
/// # Examples
///
/// ```ignore
/// // This needs a C header that declares the function.
/// /// # Safety
/// ///
/// /// `buffer` is valid for writes of `size` bytes.
/// #[export]
/// pub unsafe extern "C" fn rust_fill(buffer: *mut u8, size: usize) -> u8 {
///     // …
/// }
/// ```
#[proc_macro_attribute]
pub fn export(arguments: TokenStream, item: TokenStream) -> TokenStream {
    util::finish_attribute(item, |item| export::expand(arguments.into(), item))
}

/// Like [`core::format_args!`], for what implements `kernel::fmt::Display`.
///
/// The format string and the arguments are those of `format_args!`, with names captured in the
/// string (`{x}`), named and numbered arguments, and widths and precisions taken from arguments.
/// The difference is what `{}` accepts: a type that implements `kernel::fmt::Display`, which the
/// kernel can also implement for types that are not its own, such as `CStr`. The other formats,
/// such as `{:?}` and `{:#x}`, use the traits of `core::fmt`.
///
/// # Examples
///
/// ```ignore
/// // This needs the `kernel` crate, which is built with this macro.
/// let name = c"eth0";
/// let text = CString::try_from_fmt(fmt!("{name}: {} of {:#x}", 3, 16))?;
/// assert_eq!(text.to_bytes(), b"eth0: 3 of 0x10");
/// ```
#[proc_macro]
pub fn fmt(input: TokenStream) -> TokenStream {
    util::finish(fmt::expand(input.into()))
}

/// Makes one identifier out of two.
///
/// For more than that, see [`paste!`].
///
/// # Examples
///
/// ```ignore
/// // The constants come from the bindings.
/// macro_rules! without_prefix {
///     ($prefix:ident, $($name:ident),+) => {
///         $(pub(crate) const $name: u32 = concat_idents!($prefix, $name);)+
///     };
/// }
///
/// without_prefix!(binder_driver_return_protocol_, BR_OK, BR_ERROR);
/// assert_eq!(BR_OK, binder_driver_return_protocol_BR_OK);
/// ```
#[proc_macro]
pub fn concat_idents(input: TokenStream) -> TokenStream {
    util::finish(concat_idents::expand(input.into()))
}

/// Replaces each `[< … >]` in the code that it is given by an identifier.
///
/// Between the brackets stand identifiers and literals, which are joined without anything between
/// them. Each of them may be followed by modifiers, applied in order:
///
/// | modifier | effect |
/// | --- | --- |
/// | `:lower` | lower case |
/// | `:upper` | upper case |
/// | `:snake` | `FooBar` becomes `foo_bar` |
/// | `:camel` | `foo_bar` becomes `FooBar` |
/// | `:span` | the identifier is reported, in errors, where this piece stands |
///
/// Without `:span` that place is the first piece. What a `macro_rules` variable stands for counts
/// as what it contains, so that a `$type:ty` may be a piece too.
///
/// # Examples
///
/// ```ignore
/// // This needs the `kernel` crate, which is built with this macro.
/// macro_rules! accessors {
///     ($($field:ident: $type:ty),*) => {
///         paste! {
///             $(
///                 fn [<set_ $field>](&mut self, value: $type) { self.$field = value; }
///                 const [<$field:upper _BITS>]: u32 = <$type>::BITS;
///             )*
///         }
///     };
/// }
/// ```
#[proc_macro]
pub fn paste(input: TokenStream) -> TokenStream {
    util::finish(paste::expand(input.into()))
}

/// Makes a KUnit suite out of a module of tests.
///
/// The argument is the name of the suite, an identifier. In the module each function with `#[test]`
/// becomes a test case, which runs when the kernel boots, or when the module is loaded. Such a
/// function takes nothing, and returns nothing or a `Result`, of which an error fails the test.
///
/// In the functions of the module, `assert!`, `assert_eq!` and `assert_ne!` report to KUnit and end
/// the test; they do not panic. Where a constant is evaluated, `assert!` stays what it is.
///
/// A `#[cfg]` on a test decides whether it is part of the suite. The whole module exists only in a
/// kernel with `CONFIG_KUNIT=y`.
///
/// A KUnit assertion ends only the thread that runs the test: one made in another thread is
/// reported in the log and no more.
///
/// # Examples
///
/// ```ignore
/// // This needs the `kernel` crate, which is built with this macro.
/// #[kunit_tests(rust_numbers)]
/// mod tests {
///     use super::*;
///
///     #[test]
///     fn adds() {
///         assert_eq!(1 + 1, 2);
///     }
///
///     #[test]
///     fn allocates() -> Result {
///         let numbers = kvec![1, 2, 3]?;
///         assert_eq!(numbers.len(), 3);
///         Ok(())
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn kunit_tests(arguments: TokenStream, item: TokenStream) -> TokenStream {
    util::finish_attribute(item, |item| kunit::expand(arguments.into(), item))
}

/// Names a type that is still generic over one lifetime.
///
/// It stands where a type with the trait `kernel::types::ForLt` is asked for, and takes a type in
/// which the lifetime is open: either written `'_`, or named by a leading `for<'a>`:
///
/// ```ignore
/// // This needs the `kernel` crate, which is built with this macro.
/// struct Data<'a> {
///     device: &'a Device,
/// }
///
/// type A = ForLt!(Data<'_>);
/// type B = ForLt!(for<'a> (Data<'a>, &'a str)); // The same, with a name.
/// type C = ForLt!(u32); // No lifetime at all is fine, too.
/// ```
///
/// `<ForLt!(Data<'_>) as ForLt>::Of<'a>` is then `Data<'a>`.
///
/// The type has to be covariant: `Data<'long>` has to be usable as `Data<'short>`. Of references,
/// tuples, arrays and slices that is plain; of other types the compiler asks for a proof, which this
/// macro writes. The proof is a function that lies outside of whatever surrounds the macro, so such a
/// type can name neither generic parameters nor `Self`.
#[proc_macro]
#[allow(non_snake_case)]
pub fn ForLt(input: TokenStream) -> TokenStream {
    util::finish(for_lt::expand(input.into()))
}
