// SPDX-License-Identifier: GPL-2.0

//! Words that are divided into fields of bits: see [`bitfield!`](crate::bitfield!).

/// The position of a field in its word, and what to say if it is wrong.
///
/// Public for the expansion of [`bitfield!`](crate::bitfield!), in whichever crate.
#[doc(hidden)]
#[derive(Debug)]
pub struct Field {
    /// The number of the most significant bit.
    pub high: u32,
    /// The number of the least significant bit.
    pub low: u32,
    /// Said if `high` is less than `low`.
    pub reversed: &'static str,
    /// Said if the word has no such bit.
    pub beyond: &'static str,
    /// Said if an earlier field has one of the bits.
    pub overlap: &'static str,
}

/// Ends the build if the fields are not distinct runs of bits of a word of `bits` bits.
#[doc(hidden)]
pub const fn check_layout(bits: u32, fields: &[Field]) {
    let mut i = 0;
    while i < fields.len() {
        let field = &fields[i];
        assert!(field.high >= field.low, "{}", field.reversed);
        assert!(field.high < bits, "{}", field.beyond);
        let mut j = 0;
        while j < i {
            let apart = field.low > fields[j].high || field.high < fields[j].low;
            assert!(apart, "{}", field.overlap);
            j += 1;
        }
        i += 1;
    }
}

/// The number of bits of a field, or 1 if its ends are the wrong way round, which
/// [`check_layout`] is the one to report.
#[doc(hidden)]
pub const fn width(high: u32, low: u32) -> u32 {
    if high < low {
        1
    } else {
        high - low + 1
    }
}

/// The bits of a field, or none if [`check_layout`] has something to report.
#[doc(hidden)]
pub const fn mask(high: u32, low: u32) -> u128 {
    if high < low || high >= u128::BITS {
        0
    } else {
        (u128::MAX << low) & (u128::MAX >> (u128::BITS - 1 - high))
    }
}

/// Defines a type for a word that is divided into fields of bits.
///
/// Each field is a line `high:low name;` with the numbers of its first and last bit, from the most
/// significant end, as data sheets have it; a single bit is `n:n`. Fields must not overlap, and need
/// not cover the word. The storage is an unsigned integer.
///
/// # Types of fields
///
/// | field | read | write |
/// | --- | --- | --- |
/// | `7:4 mode;` | [`Bounded<u32, 4>`] | anything that converts to that |
/// | `7:4 mode => Mode;` | `Mode`, by [`From<Bounded<u32, 4>>`](From) | `Mode`, which converts to [`Bounded<u32, 4>`] |
/// | `7:4 mode ?=> Mode;` | `Result<Mode, _>`, by [`TryFrom<Bounded<u32, 4>>`](TryFrom) | as above |
///
/// `=> bool` is for single bits. `=> u8`, `=> u16` and so on are for fields of exactly that width.
/// The types have to implement [`Debug`](core::fmt::Debug).
///
/// # What it defines
///
/// The structure, with the given attributes and visibility, around a private field `inner`. It
/// implements [`Clone`], [`Copy`], [`PartialEq`], [`Eq`], [`Debug`](core::fmt::Debug), which shows
/// the fields, [`Default`] and [`Zeroable`](pin_init::Zeroable) (`zeroed()`: all bits clear), and
/// [`From`] the storage and back. Furthermore, with the visibility of the structure:
///
/// - `from_raw(word)` and `into_raw()`;
/// - for each field, `name()`, and `with_name(value)`, which returns a copy with the field changed;
/// - for each field without a type of its own, `with_const_name::<VALUE>()` for a constant, which
///   does not build if it does not fit, and `try_with_name(value)` for any number, which fails with
///   `EOVERFLOW` if it does not fit;
/// - the constants `NAME_RANGE`, the numbers of the field's bits, `NAME_MASK` and `NAME_SHIFT`.
///
/// Nothing is checked at run time except where the name says `try`.
///
/// # Examples
///
/// ```
/// use kernel::{bitfield, num::Bounded};
///
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// enum Parity {
///     None = 0,
///     Even = 2,
///     Odd = 3,
/// }
///
/// impl TryFrom<Bounded<u16, 2>> for Parity {
///     type Error = Error;
///
///     fn try_from(bits: Bounded<u16, 2>) -> Result<Self> {
///         match bits.get() {
///             0 => Ok(Self::None),
///             2 => Ok(Self::Even),
///             3 => Ok(Self::Odd),
///             _ => Err(EINVAL),
///         }
///     }
/// }
///
/// impl From<Parity> for Bounded<u16, 2> {
///     fn from(parity: Parity) -> Self {
///         Self::from_expr(parity as u16 & 3)
///     }
/// }
///
/// bitfield! {
///     /// The line control register.
///     pub struct LineControl(u16) {
///         /// Divides the clock.
///         15:8 divider;
///         /// What the additional bit is for.
///         5:4 parity ?=> Parity;
///         /// Powers the transceiver.
///         0:0 enable => bool;
///     }
/// }
///
/// let control = LineControl::zeroed()
///     .with_const_divider::<12>()
///     .with_parity(Parity::Odd)
///     .with_enable(true);
/// assert_eq!(control.into_raw(), 0x0c31);
/// assert_eq!(control.divider(), 12);
/// assert_eq!(control.parity(), Ok(Parity::Odd));
///
/// assert_eq!(control.try_with_divider(256), Err(EOVERFLOW));
/// assert_eq!(LineControl::from_raw(0x10).parity(), Err(EINVAL));
/// assert_eq!(LineControl::DIVIDER_RANGE, 8..=15);
/// ```
///
/// [`Bounded<u32, 4>`]: crate::num::Bounded
#[macro_export]
macro_rules! bitfield {
    (
        $(#[$attr:meta])*
        $vis:vis struct $name:ident($int:ty) {
            $(
                $(#[$field_attr:meta])*
                $high:literal:$low:literal $field:ident
                $(?=> $try_type:ty)?
                $(=> $type:ty)?;
            )*
        }
    ) => {
        $(#[$attr])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        #[repr(transparent)]
        $vis struct $name {
            inner: $int,
        }

        const _: () = $crate::bitfield::check_layout(<$int>::BITS, &[$(
            $crate::bitfield::Field {
                high: $high,
                low: $low,
                reversed: ::core::concat!(
                    "the bits of field `", ::core::stringify!($field), "` are in the wrong order"
                ),
                beyond: ::core::concat!(
                    "field `", ::core::stringify!($field), "` ends beyond the word"
                ),
                overlap: ::core::concat!(
                    "field `", ::core::stringify!($field), "` overlaps an earlier one"
                ),
            }
        ),*]);

        #[allow(dead_code)]
        impl $name {
            /// Takes a word for this one.
            #[inline(always)]
            $vis const fn from_raw(word: $int) -> Self {
                Self { inner: word }
            }

            /// Returns the word.
            #[inline(always)]
            $vis const fn into_raw(self) -> $int {
                self.inner
            }

            $($crate::bitfield! {
                @field $vis $int; $high $low $field;
                [$(try $try_type)? $(from $type)?]
                $(#[$field_attr])*
            })*
        }

        impl ::core::convert::From<$int> for $name {
            #[inline(always)]
            fn from(word: $int) -> Self {
                Self::from_raw(word)
            }
        }

        impl ::core::convert::From<$name> for $int {
            #[inline(always)]
            fn from(word: $name) -> Self {
                word.into_raw()
            }
        }

        impl ::core::default::Default for $name {
            /// Returns the word whose bits are all clear.
            #[inline(always)]
            fn default() -> Self {
                Self::from_raw(0)
            }
        }

        // SAFETY: The only thing in it is an integer, for which zeroes are a value.
        unsafe impl $crate::prelude::Zeroable for $name {}

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(::core::stringify!($name))
                    .field("<raw>", &::core::format_args!("{:#x}", self.inner))
                    $(.field(::core::stringify!($field), &self.$field()))*
                    .finish()
            }
        }
    };

    (
        @field $vis:vis $int:ty; $high:literal $low:literal $field:ident;
        [$($type:tt)*] $(#[$attr:meta])*
    ) => {
        $crate::macros::paste! {
            /// The numbers of the field's bits.
            #[doc(hidden)]
            $vis const [<$field:upper _RANGE>]: ::core::ops::RangeInclusive<u8> = $low..=$high;

            /// How far the field is from bit 0.
            #[doc(hidden)]
            $vis const [<$field:upper _SHIFT>]: u32 = $low;

            /// The bits of the field.
            #[doc(hidden)]
            $vis const [<$field:upper _MASK>]: $int = $crate::bitfield::mask($high, $low) as $int;

            #[inline(always)]
            fn [<__get_ $field>](
                self,
            ) -> $crate::num::Bounded<$int, { $crate::bitfield::width($high, $low) }> {
                $crate::num::Bounded::<$int, { $crate::bitfield::width($high, $low) }>::
                    of_word::<$low>(self.inner)
            }

            #[inline(always)]
            const fn [<__set_ $field>](
                self,
                value: $crate::num::Bounded<$int, { $crate::bitfield::width($high, $low) }>,
            ) -> Self {
                // The value has no bits outside of the field.
                Self {
                    inner: (self.inner & !Self::[<$field:upper _MASK>]) | (value.get() << $low),
                }
            }
        }

        $crate::bitfield! {
            @accessors $vis $int; $high $low
            $crate::num::Bounded<$int, { $crate::bitfield::width($high, $low) }>;
            $field [$($type)*] $(#[$attr])*
        }
    };

    // A number.
    (
        @accessors $vis:vis $int:ty; $high:literal $low:literal $bounded:ty;
        $field:ident [] $(#[$attr:meta])*
    ) => {
        $crate::macros::paste! {
            #[doc = ::core::concat!("Returns the field `", ::core::stringify!($field), "`.")]
            ///
            $(#[$attr])*
            #[inline(always)]
            $vis fn $field(self) -> $bounded {
                self.[<__get_ $field>]()
            }

            #[doc = ::core::concat!("Changes the field `", ::core::stringify!($field), "`.")]
            ///
            $(#[$attr])*
            #[inline(always)]
            #[must_use = "returns the changed word, and leaves this one as it is"]
            $vis fn [<with_ $field>](self, value: impl ::core::convert::Into<$bounded>) -> Self {
                self.[<__set_ $field>](value.into())
            }

            #[doc = ::core::concat!(
                "Changes the field `", ::core::stringify!($field), "` to a constant."
            )]
            ///
            $(#[$attr])*
            #[inline(always)]
            #[must_use = "returns the changed word, and leaves this one as it is"]
            $vis const fn [<with_const_ $field>]<const VALUE: $int>(self) -> Self {
                self.[<__set_ $field>](<$bounded>::new::<VALUE>())
            }

            #[doc = ::core::concat!(
                "Changes the field `", ::core::stringify!($field), "` to a number that may not fit."
            )]
            ///
            $(#[$attr])*
            ///
            /// # Errors
            ///
            /// `EOVERFLOW` if it does not.
            #[inline(always)]
            $vis fn [<try_with_ $field>](
                self,
                value: impl $crate::num::TryIntoBounded<
                    $int,
                    { $crate::bitfield::width($high, $low) },
                >,
            ) -> $crate::error::Result<Self> {
                match value.try_into_bounded() {
                    ::core::option::Option::Some(value) => {
                        ::core::result::Result::Ok(self.[<__set_ $field>](value))
                    }
                    ::core::option::Option::None => {
                        ::core::result::Result::Err($crate::error::code::EOVERFLOW)
                    }
                }
            }
        }
    };

    // Of a type that every number is a value of.
    (
        @accessors $vis:vis $int:ty; $high:literal $low:literal $bounded:ty;
        $field:ident [from $type:ty] $(#[$attr:meta])*
    ) => {
        $crate::macros::paste! {
            #[doc = ::core::concat!("Returns the field `", ::core::stringify!($field), "`.")]
            ///
            $(#[$attr])*
            #[inline(always)]
            $vis fn $field(self) -> $type {
                <$type as ::core::convert::From<$bounded>>::from(self.[<__get_ $field>]())
            }
        }

        $crate::bitfield! { @setter $vis $bounded; $field $type; $(#[$attr])* }
    };

    // Of a type that not every number is a value of.
    (
        @accessors $vis:vis $int:ty; $high:literal $low:literal $bounded:ty;
        $field:ident [try $type:ty] $(#[$attr:meta])*
    ) => {
        $crate::macros::paste! {
            #[doc = ::core::concat!("Returns the field `", ::core::stringify!($field), "`.")]
            ///
            $(#[$attr])*
            ///
            /// # Errors
            ///
            /// Those of the conversion.
            #[inline(always)]
            $vis fn $field(
                self,
            ) -> ::core::result::Result<
                $type,
                <$type as ::core::convert::TryFrom<$bounded>>::Error,
            > {
                <$type as ::core::convert::TryFrom<$bounded>>::try_from(self.[<__get_ $field>]())
            }
        }

        $crate::bitfield! { @setter $vis $bounded; $field $type; $(#[$attr])* }
    };

    (@setter $vis:vis $bounded:ty; $field:ident $type:ty; $(#[$attr:meta])*) => {
        $crate::macros::paste! {
            #[doc = ::core::concat!("Changes the field `", ::core::stringify!($field), "`.")]
            ///
            $(#[$attr])*
            #[inline(always)]
            #[must_use = "returns the changed word, and leaves this one as it is"]
            $vis fn [<with_ $field>](self, value: $type) -> Self {
                self.[<__set_ $field>](::core::convert::Into::<$bounded>::into(value))
            }
        }
    };
}

#[macros::kunit_tests(rust_bitfield)]
mod tests {
    use crate::{
        error::{code::EOVERFLOW, Error},
        num::Bounded,
        prelude::Zeroable,
        str::CString,
    };
    use macros::fmt;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Level(u8);

    impl From<Bounded<u8, 3>> for Level {
        fn from(bits: Bounded<u8, 3>) -> Self {
            Self(bits.get())
        }
    }

    impl From<Level> for Bounded<u8, 3> {
        fn from(level: Level) -> Self {
            Self::from_expr(level.0 & 7)
        }
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Odd(u64);

    impl TryFrom<Bounded<u64, 20>> for Odd {
        type Error = Error;

        fn try_from(bits: Bounded<u64, 20>) -> Result<Self, Error> {
            if bits.get() % 2 == 1 {
                Ok(Self(bits.get()))
            } else {
                Err(EOVERFLOW)
            }
        }
    }

    impl From<Odd> for Bounded<u64, 20> {
        fn from(odd: Odd) -> Self {
            Self::from_expr(odd.0 & 0xf_ffff)
        }
    }

    crate::bitfield! {
        /// Has all kinds of fields, in no order.
        struct Byte(u8) {
            0:0 flag => bool;
            /// The highest bits.
            7:5 level => Level;
            4:1 number;
        }
    }

    crate::bitfield! {
        struct Wide(u64) {
            63:63 top => bool;
            62:43 odd ?=> Odd;
            31:0 low => u32;
            42:32 middle;
        }
    }

    crate::bitfield! {
        struct Whole(u32) {
            31:0 all;
        }
    }

    crate::bitfield! {
        struct Nothing(u16) {}
    }

    #[test]
    fn every_byte_is_taken_apart_and_put_together() {
        for raw in 0..=u8::MAX {
            let byte = Byte::from_raw(raw);
            assert_eq!(byte.flag(), raw & 1 != 0);
            assert_eq!(byte.number(), raw >> 1 & 0xf);
            assert_eq!(byte.level(), Level(raw >> 5));

            let again = Byte::zeroed()
                .with_level(byte.level())
                .with_number(byte.number())
                .with_flag(byte.flag());
            assert_eq!(again.into_raw(), raw);
        }
    }

    #[test]
    fn setters_leave_other_fields_alone() {
        let ones = Byte::from_raw(0xff);
        assert_eq!(ones.with_flag(false).into_raw(), 0xfe);
        assert_eq!(ones.with_const_number::<0>().into_raw(), 0b1110_0001);
        assert_eq!(ones.with_level(Level(0)).into_raw(), 0x1f);
        // A conversion that is wrong about its width would not build; one that wraps, wraps.
        assert_eq!(Byte::zeroed().with_level(Level(9)).into_raw(), 0b0010_0000);
        // The word itself does not change.
        assert_eq!(ones.into_raw(), 0xff);
    }

    #[test]
    fn numbers_are_tried() {
        let byte = Byte::zeroed();
        assert!(byte
            .try_with_number(15_u64)
            .is_ok_and(|byte| byte.number() == 15));
        assert_eq!(byte.try_with_number(16_u64), Err(EOVERFLOW));
        assert_eq!(byte.try_with_number(256_u64), Err(EOVERFLOW));
        assert_eq!(byte.try_with_number(-1), Err(EOVERFLOW));
        assert!(Whole::zeroed().try_with_all(u64::from(u32::MAX)).is_ok());
        assert!(Whole::zeroed().try_with_all(1_u64 << 32).is_err());
    }

    #[test]
    fn fields_reach_the_ends_of_the_word() {
        let wide = Wide::zeroed().with_top(true).with_low(u32::MAX);
        assert_eq!(wide.into_raw(), (1 << 63) | 0xffff_ffff);
        assert_eq!(
            wide.with_const_middle::<0x7ff>().into_raw(),
            (1 << 63) | ((1 << 43) - 1)
        );
        assert_eq!(wide.low(), u32::MAX);
        assert!(wide.top());
        assert_eq!(Whole::from_raw(u32::MAX).all(), u32::MAX);
        assert_eq!(Whole::zeroed().with_all(7_u8).into_raw(), 7);
        assert_eq!(Nothing::from_raw(3).into_raw(), 3);
    }

    #[test]
    fn conversions_may_fail() {
        let wide = Wide::zeroed().with_odd(Odd(0xf_ffff));
        assert_eq!(wide.into_raw(), 0xf_ffff << 43);
        assert_eq!(wide.odd(), Ok(Odd(0xf_ffff)));
        assert_eq!(Wide::zeroed().odd(), Err(EOVERFLOW));
    }

    #[test]
    fn constants_describe_the_fields() {
        assert_eq!(Byte::NUMBER_RANGE, 1..=4);
        assert_eq!(Byte::NUMBER_MASK, 0b1_1110);
        assert_eq!(Byte::NUMBER_SHIFT, 1);
        assert_eq!(Wide::ODD_RANGE.len(), 20);
        assert_eq!(Wide::ODD_MASK, 0xf_ffff << 43);
        assert_eq!(Whole::ALL_MASK, u32::MAX);
    }

    #[test]
    fn words_convert_compare_and_show() -> Result<(), Error> {
        assert_eq!(u8::from(Byte::from(9)), 9);
        assert_eq!(Byte::default(), Byte::zeroed());
        assert!(Byte::from(1) != Byte::from(2));
        let text = CString::try_from_fmt(fmt!("{:?}", Byte::from_raw(0x43)))?;
        assert_eq!(
            text.to_bytes(),
            b"Byte { <raw>: 0x43, flag: true, level: Level(2), number: Bounded(1) }"
        );
        Ok(())
    }
}
