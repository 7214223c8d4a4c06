// SPDX-License-Identifier: GPL-2.0

//! What stands at the root of the crate without being about modules.

use core::{ffi::CStr, panic::Location};

/// Returns the file of a source location as a C string, for C functions that print it.
///
/// Before version 1.89 the compiler does not end file names with a NUL. The answer is then
/// `"(unknown file)"`.
///
/// # Examples
///
/// ```
/// use core::panic::Location;
/// use kernel::file_from_location;
///
/// #[track_caller]
/// fn caller() -> &'static Location<'static> {
///     Location::caller()
/// }
///
/// let location = caller();
/// assert_eq!(file_from_location(location).to_bytes(), location.file().as_bytes());
/// ```
#[inline]
pub fn file_from_location<'a>(location: &'a Location<'a>) -> &'a CStr {
    #[cfg(CONFIG_RUSTC_HAS_FILE_AS_C_STR)]
    {
        location.file_as_c_str()
    }

    #[cfg(all(CONFIG_RUSTC_HAS_FILE_WITH_NUL, not(CONFIG_RUSTC_HAS_FILE_AS_C_STR)))]
    {
        location.file_with_nul()
    }

    #[cfg(not(CONFIG_RUSTC_HAS_FILE_WITH_NUL))]
    {
        let _ = location;
        c"(unknown file)"
    }
}

/// Turns a pointer to a field into a pointer to the structure that it is part of.
///
/// `container_of!(pointer, Structure, field)`. The field may be nested (`inner.field`), and the result
/// is `*mut` or `*const` as the pointer is. It is an error if the field has another type than the one
/// that is pointed to.
///
/// C: [`container_of()`].
///
/// # Safety
///
/// Computing the result is an `unsafe` operation: `pointer` has to point to that field of a value of
/// that type, and be allowed to reach the whole of it. A pointer that was made of a reference to the
/// field alone is not.
///
/// # Examples
///
/// ```
/// use kernel::container_of;
///
/// struct Inner {
///     a: u8,
///     b: u32,
/// }
///
/// struct Outer {
///     id: u64,
///     inner: Inner,
/// }
///
/// let mut outer = Outer { id: 7, inner: Inner { a: 1, b: 2 } };
/// let whole: *mut Outer = &mut outer;
/// // SAFETY: `whole` points to a value.
/// let b = unsafe { &raw mut (*whole).inner.b };
///
/// // SAFETY: `b` points to that field, and is derived from a pointer to the whole.
/// let found = unsafe { container_of!(b, Outer, inner.b) };
/// assert!(core::ptr::eq(found, whole));
/// // SAFETY: The same pointer, of which the value is still there.
/// assert_eq!(unsafe { (*found).id } + u64::from(outer.inner.a), 8);
/// ```
///
/// [`container_of()`]: srctree/include/linux/container_of.h
#[macro_export]
macro_rules! container_of {
    ($field:expr, $container:ty, $($path:tt)+) => {{
        let field = $field;
        let container = field
            .byte_sub(::core::mem::offset_of!($container, $($path)+))
            .cast::<$container>();
        // Never called: only its types matter.
        #[allow(unused_unsafe)]
        let _ = || {
            // SAFETY: `container` points to a value: the caller of the macro says so.
            let of_that_type = unsafe { &raw const (*container).$($path)+ };
            $crate::assert_same_type(field, of_that_type.cast_mut());
        };
        container
    }};
}

/// Does not compile unless both arguments have one type.
///
/// Not API: public for the expansion of [`container_of!`](crate::container_of).
#[doc(hidden)]
#[inline(always)]
pub fn assert_same_type<T>(_: T, _: T) {}

/// Joins string literals that stand side by side, as they do in C.
///
/// Not API: the assembly of an architecture is taken from its C headers by the preprocessor, and comes
/// out as a call of this macro.
///
/// # Examples
///
/// ```
/// assert_eq!(kernel::concat_literals!("1:\t" "nop" "\n"), "1:\tnop\n");
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! concat_literals {
    ($($literal:literal)*) => {
        ::core::concat!($($literal),*)
    };
}

/// [`core::arch::asm!`], in the syntax that the kernel's own assembly is written in.
///
/// For assembly that is shared with C. Only on x86 is that another syntax than the one that Rust
/// expects: AT&T's. The strings are separated from the operands by a semicolon.
///
/// # Safety
///
/// As for [`core::arch::asm!`]: the assembly has to do nothing but what its operands and options
/// say.
///
/// # Examples
///
/// ```
/// // SAFETY: A comment does nothing.
/// unsafe { kernel::asm!("/* {size} */", "/* nothing */"; size = const 8usize) };
/// # assert_eq!(kernel::concat_literals!("/* " "*/"), "/* */");
/// ```
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
#[macro_export]
macro_rules! asm {
    ($($template:expr),+ ; $($operands:tt)*) => {
        ::core::arch::asm!($($template),+, options(att_syntax), $($operands)*)
    };
}

/// [`core::arch::asm!`], in the syntax that the kernel's own assembly is written in.
///
/// For assembly that is shared with C. On this architecture Rust expects the same syntax. The strings
/// are separated from the operands by a semicolon.
///
/// # Safety
///
/// As for [`core::arch::asm!`]: the assembly has to do nothing but what its operands and options
/// say.
///
/// # Examples
///
/// ```
/// // SAFETY: A comment does nothing.
/// unsafe { kernel::asm!("/* {size} */", "/* nothing */"; size = const 8usize) };
/// # assert_eq!(kernel::concat_literals!("/* " "*/"), "/* */");
/// ```
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
#[macro_export]
macro_rules! asm {
    ($($template:expr),+ ; $($operands:tt)*) => {
        ::core::arch::asm!($($template),+, $($operands)*)
    };
}

/// Keeps its content in kernels with KUnit, and drops it in others.
///
/// Not API: public for the expansion of [`kunit_tests`](macros::kunit_tests), which could ask for the
/// configuration in the crate that it is used in, too; but that crate may not have told the compiler
/// that there is such an option.
#[cfg(CONFIG_KUNIT = "y")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_kunit {
    ($($content:tt)*) => {
        $($content)*
    };
}

/// Keeps its content in kernels with KUnit, and drops it in others.
#[cfg(not(CONFIG_KUNIT = "y"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_kunit {
    ($($content:tt)*) => {};
}

/// Ends the thread that panicked, or the kernel, as [`BUG()`](srctree/include/asm-generic/bug.h) does.
#[cfg(not(any(cargo, testlib)))]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    crate::pr_emerg!("{}\n", info);
    // SAFETY: It may be called from anywhere.
    unsafe { crate::bindings::BUG() }
}

#[macros::kunit_tests(rust_root)]
mod tests {
    use super::*;
    use crate::prelude::*;

    macro_rules! pasted {
        ($kind:ident $from:ty => $($to:ty),*) => {
            macros::paste! {
                $(
                    fn [<$from _to_ $to>](value: $from) -> Option<$to> {
                        const [<LARGEST_ $kind:upper>]: $to = $to::MAX;
                        (u64::from(value) <= u64::from([<LARGEST_ $kind:upper>]))
                            .then_some(value as $to)
                    }
                )*
            }
        };
    }

    pasted!(number u32 => u8, u16);

    #[test]
    fn pasted_names_are_names() {
        assert_eq!(u32_to_u8(255), Some(255));
        assert_eq!(u32_to_u8(256), None);
        assert_eq!(u32_to_u16(65536), None);
    }

    #[test]
    fn concatenated_names_are_names() {
        let some_name = 5;
        assert_eq!(macros::concat_idents!(some_, name), 5);
    }

    #[test]
    #[cfg(MODULE)]
    fn conditions_on_tests_count() {
        assert!(false, "this is not a module");
    }

    #[test]
    fn assertions_take_messages() {
        let three = 3;
        assert!(three > 2, "{three} is small");
        assert_eq!(three, 3, "{} is not three", three);
        assert_ne!(three, 4);
        assert_ne!(three, 4, "three is four");
    }

    #[test]
    fn constants_can_be_asserted() {
        const SIZE: usize = {
            assert!(size_of::<ThisModule>() == size_of::<usize>());
            1
        };
        const {
            assert!(SIZE == 1, "this is evaluated by the compiler");
        }
        assert_eq!(SIZE, 1);
    }

    #[test]
    fn fields_lead_to_their_container() {
        struct Generic<T> {
            _before: u8,
            field: (u8, T),
        }

        fn round_trip<T>(whole: &Generic<T>) -> bool {
            let whole: *const Generic<T> = whole;
            // SAFETY: `whole` was a reference.
            let field = unsafe { &raw const (*whole).field.1 };
            // SAFETY: `field` points to that field of `*whole`, and may reach the whole.
            let found = unsafe { container_of!(field, Generic<T>, field.1) };
            core::ptr::eq(found, whole)
        }

        assert!(round_trip(&Generic {
            _before: 1,
            field: (2, 3u64)
        }));
        assert!(round_trip(&Generic {
            _before: 1,
            field: (2, ())
        }));
    }

    #[test]
    fn locations_name_this_file() {
        let file = file_from_location(Location::caller());
        assert!(!file.is_empty());
        #[cfg(CONFIG_RUSTC_HAS_FILE_WITH_NUL)]
        assert!(file.to_bytes().ends_with(b"root.rs"));
    }

    #[test]
    fn literals_are_joined() {
        assert_eq!(crate::concat_literals!("a" "b" 'c' 1), "abc1");
        assert_eq!(crate::concat_literals!(), "");
    }
}
