// SPDX-License-Identifier: GPL-2.0

//! Integers from text, as users write them in sysfs, debugfs and module parameters.
//!
//! The Rust counterpart of C's [`kstrtoint`] family with base 0: the number says its base itself.
//!
//! [`kstrtoint`]: srctree/include/linux/kstrtox.h

use super::BStr;
use crate::error::{code::EINVAL, Result};

/// What [`ParseInt`] is built from, and what keeps it to this module.
mod private {
    use super::*;

    pub trait FromStrRadix: Sized {
        /// Parses digits only, in the given base.
        fn from_str_radix(digits: &BStr, radix: u32) -> Result<Self>;

        /// Returns `-magnitude`, if there is such a value.
        fn from_negated(magnitude: u64) -> Option<Self>;
    }
}

/// Integers that can be read from text.
///
/// # Examples
///
/// ```
/// use kernel::{b_str, str::parse_int::ParseInt};
///
/// assert_eq!(u32::from_str(b_str!("1500")), Ok(1500));
/// assert_eq!(u8::from_str(b_str!("0xff")), Ok(0xff));
/// assert_eq!(u16::from_str(b_str!("0b101")), Ok(0b101));
/// // Both ways to write octal.
/// assert_eq!(i32::from_str(b_str!("0o17")), Ok(15));
/// assert_eq!(i32::from_str(b_str!("017")), Ok(15));
///
/// assert_eq!(i8::from_str(b_str!("-128")), Ok(i8::MIN));
/// assert_eq!(i8::from_str(b_str!("-0x80")), Ok(i8::MIN));
///
/// assert_eq!(i8::from_str(b_str!("128")), Err(EINVAL));
/// assert_eq!(u8::from_str(b_str!("-1")), Err(EINVAL));
/// assert_eq!(u8::from_str(b_str!("12 ")), Err(EINVAL));
/// ```
pub trait ParseInt: private::FromStrRadix + TryFrom<u64> {
    /// Parses a number: an optional sign, an optional prefix, and digits.
    ///
    /// | prefix | base |
    /// | --- | --- |
    /// | `0x`, `0X` | 16, digits in either case |
    /// | `0o`, `0O` | 8 |
    /// | `0b`, `0B` | 2 |
    /// | `0` | 8 |
    /// | none | 10 |
    ///
    /// The number is all there may be: no spaces, no `_`, no newline at the end (unlike with C's
    /// functions: strip it).
    ///
    /// # Errors
    ///
    /// [`EINVAL`] if the text is anything else, or if the number does not fit the type. For an
    /// unsigned type no negative number does, though `-0` is zero.
    fn from_str(src: &BStr) -> Result<Self> {
        match **src {
            [b'-', ref rest @ ..] => {
                let (radix, digits) = split_prefix(rest);
                let magnitude = magnitude(digits, radix)?;
                Self::from_negated(magnitude).ok_or(EINVAL)
            }
            [b'+', ref rest @ ..] | ref rest => {
                let (radix, digits) = split_prefix(rest);
                Self::from_str_radix(BStr::from_bytes(digits), radix)
            }
        }
    }
}

/// Tells the base from the digits.
fn split_prefix(text: &[u8]) -> (u32, &[u8]) {
    match text {
        [b'0', b'x' | b'X', digits @ ..] => (16, digits),
        [b'0', b'o' | b'O', digits @ ..] => (8, digits),
        [b'0', b'b' | b'B', digits @ ..] => (2, digits),
        // The zero is as good an octal digit as any, and may be the only one.
        [b'0', ..] => (8, text),
        _ => (10, text),
    }
}

/// Adds up `digits`.
fn magnitude(digits: &[u8], radix: u32) -> Result<u64> {
    if digits.is_empty() {
        return Err(EINVAL);
    }
    digits
        .iter()
        .try_fold(0u64, |value, &byte| {
            let digit = char::from(byte).to_digit(radix)?;
            value
                .checked_mul(u64::from(radix))?
                .checked_add(u64::from(digit))
        })
        .ok_or(EINVAL)
}

macro_rules! parse_as {
    ($($int:ty)*) => {$(
        impl private::FromStrRadix for $int {
            fn from_str_radix(digits: &BStr, radix: u32) -> Result<Self> {
                magnitude(digits, radix)?.try_into().map_err(|_| EINVAL)
            }

            fn from_negated(magnitude: u64) -> Option<Self> {
                // Wide enough for the negative of any `u64`, and for any value of the type.
                (-i128::from(magnitude)).try_into().ok()
            }
        }

        impl ParseInt for $int {}
    )*};
}

parse_as! { i8 i16 i32 i64 isize u8 u16 u32 u64 usize }

#[macros::kunit_tests(rust_str_parse_int)]
mod tests {
    use super::*;
    use crate::{b_str, prelude::*, str::CString};

    /// Every way to write `$value`, back to `$value`.
    macro_rules! round_trip {
        ($int:ty, $value:expr) => {{
            let value: $int = $value;
            let wide = value as i128;
            let sign = if wide < 0 { "-" } else { "" };
            let magnitude = wide.unsigned_abs();
            for text in [
                CString::try_from_fmt(fmt!("{sign}{magnitude}"))?,
                CString::try_from_fmt(fmt!("{sign}0x{magnitude:x}"))?,
                CString::try_from_fmt(fmt!("{sign}0X{magnitude:X}"))?,
                CString::try_from_fmt(fmt!("{sign}0o{magnitude:o}"))?,
                CString::try_from_fmt(fmt!("{sign}0O00{magnitude:o}"))?,
                CString::try_from_fmt(fmt!("{sign}0{magnitude:o}"))?,
                CString::try_from_fmt(fmt!("{sign}0b{magnitude:b}"))?,
                CString::try_from_fmt(fmt!("{sign}0B0{magnitude:b}"))?,
            ] {
                assert_eq!(
                    <$int>::from_str(BStr::from_bytes(text.to_bytes())),
                    Ok(value)
                );
            }
        }};
    }

    #[test]
    #[expect(clippy::cast_lossless, reason = "`i128` is not `From` all the types")]
    fn every_small_integer_in_every_base() -> Result {
        for value in i8::MIN..=i8::MAX {
            round_trip!(i8, value);
        }
        for value in u8::MIN..=u8::MAX {
            round_trip!(u8, value);
        }
        Ok(())
    }

    #[test]
    #[expect(clippy::cast_lossless, reason = "`i128` is not `From` all the types")]
    fn edges_of_every_type() -> Result {
        macro_rules! edges {
            ($($int:ty)*) => {$(
                for value in [<$int>::MIN, <$int>::MIN + 1, 0, 1, <$int>::MAX - 1, <$int>::MAX] {
                    round_trip!($int, value);
                }
                for shift in 0..<$int>::BITS {
                    round_trip!($int, 1 << shift);
                }
                // One beyond either end.
                for beyond in [<$int>::MAX as i128 + 1, <$int>::MIN as i128 - 1] {
                    let text = CString::try_from_fmt(fmt!("{beyond}"))?;
                    let text = BStr::from_bytes(text.to_bytes());
                    assert_eq!(<$int>::from_str(text), Err(EINVAL));
                }
            )*};
        }
        edges! { i8 i16 i32 i64 isize u8 u16 u32 u64 usize }
        Ok(())
    }

    #[test]
    fn signs() {
        assert_eq!(i32::from_str(b_str!("+5")), Ok(5));
        assert_eq!(u32::from_str(b_str!("+0x5")), Ok(5));
        assert_eq!(i32::from_str(b_str!("-0")), Ok(0));
        assert_eq!(u32::from_str(b_str!("-0")), Ok(0));
        assert_eq!(u32::from_str(b_str!("-1")), Err(EINVAL));
        for text in [
            "", "+", "-", "--1", "+-1", "-+1", "++1", "0x-1", "0x+1", "1-", "1+",
        ] {
            assert_eq!(
                i32::from_str(BStr::from_bytes(text.as_bytes())),
                Err(EINVAL)
            );
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in [
            "0x", "0X", "0o", "0b", "-0x", "x1", "08", "0o8", "0b2", "0xg", "1a", "1_0", " 1",
            "1 ", "1\n", "1\0", "0x0x1", "00x1", "\u{661}",
        ] {
            let text = BStr::from_bytes(text.as_bytes());
            assert_eq!(u64::from_str(text), Err(EINVAL));
            assert_eq!(i64::from_str(text), Err(EINVAL));
        }
    }

    #[test]
    fn overflow_is_no_number() {
        for text in [
            "18446744073709551616",
            "-18446744073709551616",
            "0x10000000000000000",
            "99999999999999999999999999999999999999999999",
        ] {
            let text = BStr::from_bytes(text.as_bytes());
            assert_eq!(u64::from_str(text), Err(EINVAL));
            assert_eq!(i64::from_str(text), Err(EINVAL));
        }
        assert_eq!(i64::from_str(b_str!("-9223372036854775809")), Err(EINVAL));
        assert_eq!(i64::from_str(b_str!("-9223372036854775808")), Ok(i64::MIN));
    }
}
