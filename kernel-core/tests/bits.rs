// SPDX-License-Identifier: GPL-2.0

//! Masks, on the host: against the definition, bit by bit.

use kernel_core::bits::*;

macro_rules! against_the_definition {
    ($test:ident $int:ident $bit:ident $checked_bit:ident $genmask:ident $genmask_checked:ident) => {
        #[test]
        fn $test() {
            for n in (0..200).chain([u32::MAX - 1, u32::MAX]) {
                let expected = (n < $int::BITS).then(|| $int::pow(2, n));
                assert_eq!($checked_bit(n), expected, "bit {n}");
                if let Some(expected) = expected {
                    // What is a build error in the kernel is a panic here, so any number will do.
                    assert_eq!($bit(n), expected);
                }
            }
            for low in 0..70 {
                for high in (0..70).chain([u32::MAX]) {
                    let possible = low <= high && high < $int::BITS;
                    let expected = possible.then(|| (low..=high).map(|n| $int::pow(2, n)).sum());
                    assert_eq!($genmask_checked(low..=high), expected, "{low}..={high}");
                    if let Some(expected) = expected {
                        assert_eq!($genmask(low..=high), expected);
                    }
                }
            }
        }
    };
}

against_the_definition!(bits_of_u8 u8 bit_u8 checked_bit_u8 genmask_u8 genmask_checked_u8);
against_the_definition!(bits_of_u16 u16 bit_u16 checked_bit_u16 genmask_u16 genmask_checked_u16);
against_the_definition!(bits_of_u32 u32 bit_u32 checked_bit_u32 genmask_u32 genmask_checked_u32);
against_the_definition!(bits_of_u64 u64 bit_u64 checked_bit_u64 genmask_u64 genmask_checked_u64);
