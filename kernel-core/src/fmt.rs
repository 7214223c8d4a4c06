// SPDX-License-Identifier: GPL-2.0

//! Formatting: what [`core::fmt`] offers, with the kernel's own [`Display`].
//!
//! Names come from here, never from `core::fmt`: [`Arguments`], [`Formatter`], [`Write`] and so on
//! are the same types, but [`Display`] is a trait of the kernel's. It may thus be implemented for
//! types that only the kernel knows how to show, such as [`CStr`], and for pointers to a
//! `dyn Display`, all of which the rule against foreign implementations forbids for core's.
//!
//! [`fmt!`] and everything that prints (`pr_info!`, `dev_err!`, `seq_print!`, …) formats with it:
//! the macro wraps each argument in an `Adapter`, which looks `{}` up here and the other
//! traits (`{:?}`, `{:x}`, …) in core.
//!
//! # Examples
//!
//! ```
//! use kernel::{fmt, str::CString};
//!
//! struct Percent(u8);
//!
//! impl fmt::Display for Percent {
//!     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
//!         write!(f, "{}%", self.0)
//!     }
//! }
//!
//! let load = Percent(40);
//! let text = CString::try_from_fmt(fmt!("load {load}, device {}", c"tty0"))?;
//! assert_eq!(text.to_bytes(), b"load 40%, device tty0");
//! # Ok::<(), Error>(())
//! ```
//!
//! [`CStr`]: crate::str::CStr
//! [`fmt!`]: macro@crate::prelude::fmt

pub use core::fmt::{Arguments, Debug, Error, Formatter, Result, Write};

#[doc(hidden)]
pub mod contents;

/// What `{}` uses, in place of [`core::fmt::Display`].
///
/// The module documentation has an example.
pub trait Display {
    /// Writes the value to `f`, as a user is to read it.
    ///
    /// # Errors
    ///
    /// Only those of `f`; formatting itself does not fail.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result;
}

impl<T: ?Sized + Display> Display for &T {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        T::fmt(self, f)
    }
}

/// Carries one argument of [`fmt!`] into [`core::fmt`].
///
/// Not API: public for the expansion of that macro, which gives it a reference.
///
/// [`fmt!`]: macro@crate::prelude::fmt
#[doc(hidden)]
pub struct Adapter<T>(pub T);

impl<T: ?Sized + Display> core::fmt::Display for Adapter<&T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        T::fmt(self.0, f)
    }
}

macro_rules! adapt_as_is {
    ($($name:ident)*) => {$(
        impl<T: ?Sized + core::fmt::$name> core::fmt::$name for Adapter<&T> {
            fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                T::fmt(self.0, f)
            }
        }
    )*};
}

adapt_as_is! { Binary Debug LowerExp LowerHex Octal Pointer UpperExp UpperHex }

macro_rules! display_as_core {
    ($($name:ty)*) => {$(
        impl Display for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                core::fmt::Display::fmt(self, f)
            }
        }
    )*};
}

display_as_core! {
    bool char str
    i8 i16 i32 i64 i128 isize
    u8 u16 u32 u64 u128 usize
    Arguments<'_>
    core::panic::PanicInfo<'_>
}

#[macros::kunit_tests(rust_fmt)]
mod tests {
    use super::*;
    use crate::str::CString;
    use macros::fmt;

    /// Formats differently for each trait, so that a mix-up shows.
    struct Probe;

    impl Display for Probe {
        fn fmt(&self, f: &mut Formatter<'_>) -> Result {
            f.write_str("display")
        }
    }

    macro_rules! probe {
        ($($name:ident $text:literal)*) => {$(
            impl core::fmt::$name for Probe {
                fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                    f.write_str($text)
                }
            }
        )*};
    }

    probe! {
        Binary "b" Debug "?" LowerExp "e" LowerHex "x" Octal "o" Pointer "p" UpperExp "E" UpperHex "X"
    }

    #[test]
    fn each_trait_reaches_its_own() -> crate::error::Result {
        let text = CString::try_from_fmt(fmt!(
            "{} {:b} {:?} {:e} {:x} {:o} {:p} {:E} {:X}",
            Probe,
            Probe,
            Probe,
            Probe,
            Probe,
            Probe,
            Probe,
            Probe,
            Probe
        ))?;
        assert_eq!(text.to_bytes(), b"display b ? e x o p E X");
        Ok(())
    }

    #[test]
    fn arguments_by_position_and_by_name() -> crate::error::Result {
        let inline = 3;
        let text = CString::try_from_fmt(fmt!("{1} {0} {named} {inline}", 1, 2, named = "n"))?;
        assert_eq!(text.to_bytes(), b"2 1 n 3");
        Ok(())
    }

    #[test]
    fn options_are_passed_on() -> crate::error::Result {
        let text =
            CString::try_from_fmt(fmt!("{:#06x}|{:>4}|{:<4}|{:+}|{:04}", 10, 7, 'c', 5, -3))?;
        assert_eq!(text.to_bytes(), b"0x000a|   7|c   |+5|-003");
        Ok(())
    }

    #[test]
    fn pointers_to_unsized_values() -> crate::error::Result {
        let dynamic: &dyn Display = &Probe;
        let text = CString::try_from_fmt(fmt!("{dynamic} {} {}", &&Probe, *"str"))?;
        assert_eq!(text.to_bytes(), b"display display str");
        Ok(())
    }

    #[test]
    fn extremes_of_integers() -> crate::error::Result {
        let text = CString::try_from_fmt(fmt!("{} {} {}", i8::MIN, u64::MAX, i128::MIN))?;
        assert_eq!(
            text.to_bytes(),
            b"-128 18446744073709551615 -170141183460469231731687303715884105728"
        );
        Ok(())
    }

    #[test]
    fn arguments_nest() -> crate::error::Result {
        let text = CString::try_from_fmt(fmt!("[{}]", format_args!("{}-{}", 1, true)))?;
        assert_eq!(text.to_bytes(), b"[1-true]");
        Ok(())
    }
}
