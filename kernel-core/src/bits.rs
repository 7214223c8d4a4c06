// SPDX-License-Identifier: GPL-2.0

//! Single bits and runs of bits, as masks.
//!
//! Bits are numbered from 0, the least significant. For each unsigned type up to 64 bits there are
//!
//! - `bit_*(n)` and `genmask_*(low..=high)`, for numbers known when building: an impossible one
//!   does not build;
//! - `checked_bit_*(n)` and `genmask_checked_*(low..=high)`, for any number: an impossible one gives
//!   `None`.
//!
//! C header: [`include/linux/bits.h`](srctree/include/linux/bits.h), where these are `BIT()` and
//! `GENMASK()`.
//!
//! # Examples
//!
//! ```
//! use kernel::bits::{bit_u32, checked_bit_u8, genmask_checked_u16, genmask_u32};
//!
//! const ENABLE: u32 = bit_u32(31);
//! const DIVIDER: u32 = genmask_u32(4..=7);
//!
//! assert_eq!(ENABLE, 0x8000_0000);
//! assert_eq!(DIVIDER, 0xf0);
//!
//! assert_eq!(checked_bit_u8(7), Some(0x80));
//! assert_eq!(checked_bit_u8(8), None);
//! assert_eq!(genmask_checked_u16(8..=15), Some(0xff00));
//! assert_eq!(genmask_checked_u16(8..=16), None);
//! ```

use core::ops::RangeInclusive;

use crate::build_assert;

macro_rules! impl_bits {
    ($($int:ident $last:literal $bit:ident $checked_bit:ident $genmask:ident $genmask_checked:ident)*) => {$(
        #[doc = concat!("Returns a `", stringify!($int), "` with bit `n` set, 0 to ", $last, ".")]
        ///
        /// `n` has to be known when building; another number does not build.
        ///
        /// # Examples
        ///
        /// ```
        #[doc = concat!("use kernel::bits::", stringify!($bit), ";")]
        ///
        #[doc = concat!("assert_eq!(", stringify!($bit), "(0), 1);")]
        #[doc = concat!("assert_eq!(", stringify!($bit), "(", $last, "), ", stringify!($int), "::MAX / 2 + 1);")]
        /// ```
        #[inline(always)]
        pub const fn $bit(n: u32) -> $int {
            build_assert!(n < <$int>::BITS, "no such bit");
            1 << n
        }

        #[doc = concat!("Returns a `", stringify!($int), "` with bit `n` set, or `None` if `n` is more than ", $last, ".")]
        #[inline]
        pub fn $checked_bit(n: u32) -> Option<$int> {
            (1 as $int).checked_shl(n)
        }

        #[doc = concat!("Returns a `", stringify!($int), "` with a run of bits set.")]
        ///
        #[doc = concat!("The range is that of the bits' numbers, both ends included, 0 to ", $last, ".")]
        /// It has to be known when building, and not to be empty; another range does not build.
        ///
        /// # Examples
        ///
        /// ```
        #[doc = concat!("use kernel::bits::", stringify!($genmask), ";")]
        ///
        #[doc = concat!("assert_eq!(", stringify!($genmask), "(2..=4), 0b11100);")]
        #[doc = concat!("assert_eq!(", stringify!($genmask), "(0..=", $last, "), ", stringify!($int), "::MAX);")]
        /// ```
        #[inline(always)]
        pub const fn $genmask(range: RangeInclusive<u32>) -> $int {
            let (low, high) = (*range.start(), *range.end());
            build_assert!(low <= high, "the first bit comes after the last one");
            build_assert!(high < <$int>::BITS, "no such bit");
            (<$int>::MAX << low) & (<$int>::MAX >> (<$int>::BITS - 1 - high))
        }

        #[doc = concat!("Returns a `", stringify!($int), "` with a run of bits set.")]
        ///
        /// The range is that of the bits' numbers, both ends included. Returns `None` if it is
        #[doc = concat!("empty, or goes beyond bit ", $last, ".")]
        #[inline]
        pub fn $genmask_checked(range: RangeInclusive<u32>) -> Option<$int> {
            let (low, high) = (*range.start(), *range.end());
            if range.is_empty() || high >= <$int>::BITS {
                return None;
            }
            Some((<$int>::MAX << low) & (<$int>::MAX >> (<$int>::BITS - 1 - high)))
        }
    )*};
}

impl_bits! {
    u8 "7" bit_u8 checked_bit_u8 genmask_u8 genmask_checked_u8
    u16 "15" bit_u16 checked_bit_u16 genmask_u16 genmask_checked_u16
    u32 "31" bit_u32 checked_bit_u32 genmask_u32 genmask_checked_u32
    u64 "63" bit_u64 checked_bit_u64 genmask_u64 genmask_checked_u64
}

#[macros::kunit_tests(rust_bits)]
mod tests {
    use super::*;

    macro_rules! check_every_run {
        ($int:ident $checked_bit:ident $genmask_checked:ident) => {
            for low in 0..$int::BITS {
                let mut expected: $int = 0;
                for high in low..$int::BITS {
                    let bit = $checked_bit(high);
                    assert!(bit.is_some_and(|bit| bit.count_ones() == 1));
                    assert!(bit.is_some_and(|bit| bit.trailing_zeros() == high));
                    expected |= bit.unwrap_or(0);
                    assert_eq!($genmask_checked(low..=high), Some(expected));
                }
                assert!($genmask_checked(low..=$int::BITS).is_none());
                assert!($genmask_checked(low..=u32::MAX).is_none());
            }
            assert!($checked_bit($int::BITS).is_none());
            assert!($checked_bit(u32::MAX).is_none());
        };
    }

    #[test]
    fn every_bit_and_every_run() {
        check_every_run!(u8 checked_bit_u8 genmask_checked_u8);
        check_every_run!(u16 checked_bit_u16 genmask_checked_u16);
        check_every_run!(u32 checked_bit_u32 genmask_checked_u32);
        check_every_run!(u64 checked_bit_u64 genmask_checked_u64);
    }

    #[test]
    fn empty_runs_are_none() {
        #[expect(clippy::reversed_empty_ranges, reason = "that is what is tested")]
        let backwards = 5..=4;
        assert_eq!(genmask_checked_u32(backwards), None);

        // A range that has been iterated over still has its ends, but is empty.
        let mut used = 3..=3;
        used.next();
        assert_eq!(genmask_checked_u32(used), None);
    }

    #[test]
    fn constants_agree_with_the_checked_forms() {
        const RUN: u64 = genmask_u64(12..=51);
        assert_eq!(genmask_checked_u64(12..=51), Some(RUN));
        assert_eq!(genmask_u8(7..=7), bit_u8(7));
        assert_eq!(genmask_u16(0..=15), u16::MAX);
        assert_eq!(checked_bit_u16(15), Some(bit_u16(15)));
        assert_eq!(genmask_u32(31..=31), bit_u32(31));
        assert_eq!(bit_u64(63), 1 << 63);
    }
}
