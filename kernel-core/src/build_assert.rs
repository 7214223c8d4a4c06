// SPDX-License-Identifier: GPL-2.0

//! Assertions that a build settles, so that nothing is left to check at run time.
//!
//! | macro | place | sees | who checks |
//! | --- | --- | --- | --- |
//! | [`static_assert!`] | item or statement | constants | the compiler, whether or not the code is used |
//! | [`const_assert!`] | expression | constants, generic parameters | the compiler, for each use of the generic code |
//! | [`build_assert!`] | expression | any value | the optimiser: the failing branch has to disappear |
//!
//! Take the first one in the table that can express the condition. The last one is special to the
//! kernel: its failing branch calls a function that does not exist in a linked kernel, so the link
//! fails unless the optimiser proved the branch dead. It therefore wants its condition to be
//! foldable in *every* caller, which is why functions that use it are `#[inline(always)]`.
//!
//! C has [`static_assert`] for the first, and [`BUILD_BUG_ON`] for the last.
//!
//! [`static_assert`]: srctree/include/linux/build_bug.h
//! [`BUILD_BUG_ON`]: srctree/include/linux/build_bug.h

#[doc(inline)]
pub use crate::{build_assert, build_error, const_assert, static_assert};

#[doc(hidden)]
pub use ::build_error::build_error as __build_error;

/// Checks a condition on constants while compiling, wherever an item may stand.
///
/// The optional second argument is the message, a string literal. The condition cannot name
/// generic parameters of an enclosing function or `impl`; [`const_assert!`] can.
///
/// # Examples
///
/// ```
/// static_assert!(size_of::<u64>() == 8);
/// static_assert!(u8::MAX as usize + 1 == 1 << 8, "a byte has 8 bits");
///
/// const fn half(x: u32) -> u32 {
///     x / 2
/// }
/// static_assert!(half(42) == 21);
/// # // The assertions above have no run-time effect that a test could look at.
/// # assert_eq!(half(42), 21);
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! static_assert {
    ($condition:expr $(, $($message:tt)+)?) => {
        const _: () = ::core::assert!($condition $(, $($message)+)?);
    };
}

/// Checks a condition on constants and generic parameters, for each instance that is compiled.
///
/// The optional second argument is the message, a string literal. An instance that no code uses
/// is not checked.
///
/// # Examples
///
/// ```
/// /// Splits off the first `N` bytes.
/// fn header<const N: usize, const LEN: usize>(bytes: &[u8; LEN]) -> &[u8] {
///     const_assert!(N <= LEN, "the header is longer than the buffer");
///     &bytes[..N]
/// }
///
/// assert_eq!(header::<2, 4>(&[1, 2, 3, 4]).len(), 2);
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! const_assert {
    ($condition:expr $(, $($message:tt)+)?) => {
        const { ::core::assert!($condition $(, $($message)+)?) }
    };
}

/// Ends the build if this call is reachable as far as the optimiser can tell.
///
/// In a constant, and in a constant function while it is evaluated, the compiler reports the
/// message. In any other code the linker reports the undefined symbol `rust_build_error`; the
/// function that refers to it is then the place to look at. With
/// `CONFIG_RUST_BUILD_ASSERT_ALLOW`, and under Cargo, reaching the call is a panic instead.
///
/// # Examples
///
/// ```
/// /// The page order for a power of two of at most 16 pages.
/// #[inline(always)]
/// const fn order(pages: usize) -> u32 {
///     match pages {
///         1 | 2 | 4 | 8 | 16 => pages.trailing_zeros(),
///         _ => build_error!("unsupported number of pages"),
///     }
/// }
///
/// assert_eq!(order(8), 3);
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! build_error {
    () => {
        $crate::build_assert::__build_error("")
    };
    ($message:expr $(,)?) => {
        $crate::build_assert::__build_error($message)
    };
}

/// Checks that the optimiser finds the condition true.
///
/// The optional second argument is the message, a `&'static str`. See [`build_error!`] for what a
/// failure looks like.
///
/// Prefer [`const_assert!`] and [`static_assert!`]: what this macro accepts depends on inlining. A
/// function that checks its arguments this way is to be `#[inline(always)]`.
///
/// # Examples
///
/// ```
/// /// Reads a byte at an offset that every caller writes as a constant.
/// #[inline(always)]
/// fn byte_at(register: &[u8; 4], offset: usize) -> u8 {
///     build_assert!(offset < 4, "the register has 4 bytes");
///     register[offset]
/// }
///
/// assert_eq!(byte_at(&[10, 11, 12, 13], 2), 12);
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! build_assert {
    ($condition:expr $(,)?) => {
        if !$condition {
            $crate::build_assert::__build_error(::core::concat!(
                "build assertion failed: ",
                ::core::stringify!($condition)
            ));
        }
    };
    ($condition:expr, $message:expr $(,)?) => {
        if !$condition {
            $crate::build_assert::__build_error($message);
        }
    };
}
