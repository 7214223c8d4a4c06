// SPDX-License-Identifier: GPL-2.0

//! Bounded integers, on the host: every width against arithmetic in a type that holds everything.

use kernel_core::num::{Bounded, Integer, TryIntoBounded};

/// Numbers of all magnitudes, and around every power of two.
fn samples() -> impl Iterator<Item = i128> {
    (0..=126).flat_map(|bit| {
        let power = 1_i128 << bit;
        [
            -power - 1,
            -power,
            -power + 1,
            power - 1,
            power,
            power + 1,
            power / 3,
            -(power / 3),
        ]
        .into_iter()
    })
}

/// The values of `bits` bits.
fn range(bits: u32, signed: bool) -> core::ops::RangeInclusive<i128> {
    match (signed, bits) {
        (true, 128) => i128::MIN..=i128::MAX,
        (true, _) => -(1 << (bits - 1))..=(1 << (bits - 1)) - 1,
        (false, _) => 0..=(1 << bits) - 1,
    }
}

macro_rules! every_width {
    ($test:ident $int:ident $signed:tt: $($n:literal)*) => {
        #[test]
        fn $test() {
            $({
                let range = range($n, $signed);
                for sample in samples().chain([*range.start(), *range.end()]) {
                    let fits = range.contains(&sample);
                    let bounded: Option<Bounded<$int, $n>> = sample.try_into_bounded();
                    assert_eq!(bounded.is_some(), fits, "{sample} in {} bits", $n);

                    // The same, from the type itself.
                    let Ok(value) = $int::try_from(sample) else { continue };
                    let bounded = Bounded::<$int, $n>::try_new(value);
                    assert_eq!(bounded.is_some(), fits, "{value} in {} bits", $n);

                    let Some(bounded) = bounded else { continue };
                    assert_eq!(bounded.get(), value);
                    assert_eq!(bounded.cast::<i128_or_u128!($signed)>().get() as i128, sample);
                    assert_eq!(bounded.extend::<{ $int::BITS }>().get(), value);
                    assert_eq!(Bounded::<$int, $n>::from_expr(value), bounded);

                    // One bit less, and back.
                    const LESS: u32 = if $n > 1 { $n - 1 } else { 1 };
                    let shrunk = bounded.try_shrink::<LESS>();
                    let less = self::range(LESS, $signed);
                    assert_eq!(shrunk.is_some(), less.contains(&sample));

                    assert_eq!(bounded.shr::<1, LESS>().get(), value >> 1);
                    if <$int as Integer>::BITS > $n {
                        const MORE: u32 = if $n < $int::BITS { $n + 1 } else { $n };
                        const SHIFT: u32 = MORE - $n;
                        let shifted = bounded.shl::<SHIFT, MORE>();
                        assert_eq!(shifted.get(), value << SHIFT);
                        assert_eq!(shifted.shr::<SHIFT, $n>(), bounded);
                    }
                }
            })*
        }
    };
}

macro_rules! i128_or_u128 {
    (true) => {
        i128
    };
    (false) => {
        u128
    };
}

every_width!(widths_of_u8 u8 false: 1 2 3 4 5 6 7 8);
every_width!(widths_of_i8 i8 true: 1 2 3 4 5 6 7 8);
every_width!(widths_of_u16 u16 false: 1 5 8 9 12 15 16);
every_width!(widths_of_i16 i16 true: 1 5 8 9 12 15 16);
every_width!(widths_of_u32 u32 false: 1 8 16 17 24 31 32);
every_width!(widths_of_i32 i32 true: 1 8 16 17 24 31 32);
every_width!(widths_of_u64 u64 false: 1 16 31 32 33 52 63 64);
every_width!(widths_of_i64 i64 true: 1 16 31 32 33 52 63 64);

#[test]
fn fields_of_every_width_at_every_place() {
    macro_rules! at {
        ($word:ident: $($low:literal $n:literal)*) => {$(
            assert_eq!(
                Bounded::<u16, $n>::of_word::<$low>($word).get(),
                ($word >> $low) & ((1_u32 << $n) - 1) as u16
            );
        )*};
    }
    for word in 0..=u16::MAX {
        at!(word: 0 1 0 16 15 1 1 15 0 15 7 3 8 8 3 11);
    }
}

#[test]
fn conversions_agree_with_the_plain_ones() {
    for value in 0..=u8::MAX {
        assert_eq!(Bounded::<u8, 8>::from(value), value);
        assert_eq!(Bounded::<u16, 8>::from(value), u16::from(value));
        assert_eq!(Bounded::<u64, 64>::from(value), u64::from(value));
        assert_eq!(
            u8::from(Bounded::<u128, 8>::try_new(value.into()).unwrap()),
            value
        );
        assert_eq!(
            usize::from(Bounded::<u32, 8>::from(value)),
            usize::from(value)
        );
    }
    for value in i8::MIN..=i8::MAX {
        assert_eq!(Bounded::<i8, 8>::from(value), value);
        assert_eq!(Bounded::<i32, 9>::from(value), i32::from(value));
        assert_eq!(i8::from(Bounded::<i64, 8>::from(value)), value);
    }
}

#[test]
fn formatting_is_that_of_the_integer() {
    let value = Bounded::<i32, 17>::new::<-65_536>();
    assert_eq!(format!("{value}"), "-65536");
    assert_eq!(format!("{value:+012}"), format!("{:+012}", -65_536));
    assert_eq!(format!("{value:#x}"), format!("{:#x}", -65_536));
    assert_eq!(format!("{value:e}"), format!("{:e}", -65_536));
    assert_eq!(
        format!("{value:#o} {value:#b}"),
        format!("{0:#o} {0:#b}", -65_536)
    );
    assert_eq!(format!("{value:?}"), "Bounded(-65536)");
}

#[test]
fn it_costs_nothing() {
    assert_eq!(size_of::<Bounded<u32, 3>>(), size_of::<u32>());
    assert_eq!(align_of::<Bounded<u64, 64>>(), align_of::<u64>());
}

// Under Cargo an unprovable expression is a panic; in the kernel it does not link.
#[test]
#[should_panic(expected = "may not fit")]
fn expressions_that_do_not_fit() {
    let _ = Bounded::<u8, 4>::from_expr(core::hint::black_box(16));
}
