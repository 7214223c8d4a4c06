// SPDX-License-Identifier: GPL-2.0

//! Conversions between bounded integers and plain ones.
//!
//! What always works is [`From`], with the widths compared by two private traits; what may not is
//! [`TryIntoBounded`].

use pin_init::Zeroable;

use crate::num::{Bounded, Integer, Unsigned};

use sealed::{AtLeastXBits, FitsInXBits};

/// Out of reach elsewhere, so that nobody else can implement the traits.
///
/// Their parameter is the integer and not its number of bits, which would do as well: rustc 1.95
/// crashes, instead of reporting an error, where [`From`] depends on a trait with a constant.
mod sealed {
    /// Bounded integers that have room for any number of as many bits as `X` has.
    ///
    /// The number of bits of the implementer is at least that of `X`.
    #[diagnostic::on_unimplemented(
        message = "not every `{X}` fits in a `{Self}`",
        label = "has fewer bits than `{X}`",
        note = "for a value that fits, use `try_new()`, `try_into_bounded()` or `from_expr()`"
    )]
    pub trait AtLeastXBits<X> {}

    /// Bounded integers that an integer of as many bits as `X` has room for.
    ///
    /// The number of bits of the implementer is at most that of `X`.
    #[diagnostic::on_unimplemented(
        message = "not every `{Self}` fits in a `{X}`",
        label = "`{X}` has fewer bits",
        note = "for a value that fits, use `try_shrink()` first"
    )]
    pub trait FitsInXBits<X> {}
}

// For each width of an integer, all widths of a bounded one. The list ends with 64 bits, not with
// 128: for a type that has 64, there is only one answer then, and `Bounded::<u64, _>::from(x)` has
// its `_` inferred.
macro_rules! impl_width {
    ($($int:ident)*: $below:tt $width:literal $above:tt) => {$(
        impl_width!(@fits $int $below);
        impl_width!(@fits $int [$width]);
        impl_width!(@at_least $int [$width]);
        impl_width!(@at_least $int $above);
    )*};
    (@fits $int:ident [$($n:literal)*]) => {$(
        impl<T: Integer> FitsInXBits<$int> for Bounded<T, $n> {}
    )*};
    (@at_least $int:ident [$($n:literal)*]) => {$(
        impl<T: Integer> AtLeastXBits<$int> for Bounded<T, $n> {}
    )*};
}

impl_width! {
    u8 i8: [1 2 3 4 5 6 7] 8 [
        9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38
        39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64
    ]
}
impl_width! {
    u16 i16: [1 2 3 4 5 6 7 8 9 10 11 12 13 14 15] 16 [
        17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45
        46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64
    ]
}
impl_width! {
    u32 i32: [
        1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    ] 32 [
        33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61
        62 63 64
    ]
}
impl_width! {
    u64 i64: [
        1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
        33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61
        62 63
    ] 64 []
}
#[cfg(target_pointer_width = "32")]
impl_width! {
    usize isize: [
        1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    ] 32 [
        33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61
        62 63 64
    ]
}
#[cfg(target_pointer_width = "64")]
impl_width! {
    usize isize: [
        1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
        33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61
        62 63
    ] 64 []
}

macro_rules! impl_from_integer {
    ($($int:ident)*) => {$(
        impl<T, const N: u32> From<$int> for Bounded<T, N>
        where
            $int: Integer,
            T: Integer<Signedness = <$int as Integer>::Signedness> + From<$int>,
            Self: AtLeastXBits<$int>,
        {
            #[inline(always)]
            fn from(value: $int) -> Self {
                // SAFETY: `AtLeastXBits` says that `N` is at least the number of bits of the
                // argument, which has the same signedness.
                unsafe { Self::new_unchecked(T::from(value)) }
            }
        }

        impl<T, const N: u32> From<Bounded<T, N>> for $int
        where
            $int: Integer + TryFrom<T>,
            T: Integer<Signedness = <$int as Integer>::Signedness>,
            Bounded<T, N>: FitsInXBits<$int>,
        {
            #[inline(always)]
            fn from(value: Bounded<T, N>) -> $int {
                let converted = <$int>::try_from(value.get());
                // SAFETY: The value fits in `N` bits (type invariant), and `FitsInXBits` says that
                // the result has at least as many, with the same signedness. The conversion between
                // two integers (`Integer` is sealed) only fails for what does not fit.
                unsafe { converted.unwrap_unchecked() }
            }
        }
    )*};
}

impl_from_integer!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

impl<T, const N: u32> From<bool> for Bounded<T, N>
where
    T: Integer<Signedness = Unsigned> + From<bool>,
{
    /// Returns 0 or 1.
    #[inline(always)]
    fn from(value: bool) -> Self {
        // SAFETY: 0 and 1 fit in one bit, of which there is at least one.
        unsafe { Self::new_unchecked(T::from(value)) }
    }
}

impl<T> Bounded<T, 1>
where
    T: Integer<Signedness = Unsigned> + Zeroable,
{
    /// Returns whether the bit is set.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::num::Bounded;
    ///
    /// assert!(Bounded::<u8, 1>::new::<1>().into_bool());
    /// assert!(!Bounded::<u8, 1>::new::<0>().into_bool());
    /// ```
    #[inline(always)]
    pub fn into_bool(self) -> bool {
        self.get() != T::zeroed()
    }
}

impl<T> From<Bounded<T, 1>> for bool
where
    T: Integer<Signedness = Unsigned> + Zeroable,
{
    #[inline(always)]
    fn from(value: Bounded<T, 1>) -> Self {
        value.into_bool()
    }
}

/// Conversion of any number to a bounded one, which fails if it does not fit.
///
/// # Examples
///
/// ```
/// use kernel::num::{Bounded, TryIntoBounded};
///
/// /// Programs a DMA channel with the page number of `address`.
/// fn program(address: u64) -> Result<Bounded<u32, 24>> {
///     (address >> 12).try_into_bounded().ok_or(ERANGE)
/// }
///
/// assert!(program(0xf_ffff_ffff).is_ok_and(|page| page == 0xff_ffff));
/// assert_eq!(program(1 << 36), Err(ERANGE));
/// ```
pub trait TryIntoBounded<T: Integer, const N: u32> {
    /// Returns the number as a `T` of `N` bits, or `None` if it does not fit.
    fn try_into_bounded(self) -> Option<Bounded<T, N>>;
}

impl<T, U, const N: u32> TryIntoBounded<T, N> for U
where
    T: Integer,
    U: TryInto<T>,
{
    #[inline]
    fn try_into_bounded(self) -> Option<Bounded<T, N>> {
        Bounded::try_new(self.try_into().ok()?)
    }
}

#[macros::kunit_tests(rust_num_bounded_convert)]
mod tests {
    use super::*;

    #[test]
    fn integers_go_in_where_there_is_room() {
        assert_eq!(Bounded::<u8, 8>::from(u8::MAX).get(), u8::MAX);
        assert_eq!(Bounded::<u16, 9>::from(u8::MAX).get(), 255);
        assert_eq!(Bounded::<u64, 64>::from(u64::MAX).get(), u64::MAX);
        assert_eq!(
            Bounded::<u64, 33>::from(u32::MAX).get(),
            u64::from(u32::MAX)
        );
        assert_eq!(Bounded::<i32, 8>::from(i8::MIN).get(), -128);
        assert_eq!(Bounded::<i64, 64>::from(i64::MIN).get(), i64::MIN);
        assert_eq!(
            Bounded::<usize, { usize::BITS }>::from(usize::MAX).get(),
            usize::MAX
        );
    }

    #[test]
    fn the_width_of_64_bits_is_inferred() {
        let all = Bounded::<u64, _>::from(u64::MAX);
        assert_eq!(all.shr::<40, 24>().cast::<u32>().get(), 0xff_ffff);
    }

    #[test]
    fn integers_come_out_where_there_is_room() {
        let value = Bounded::<u64, 8>::new::<200>();
        assert_eq!(u8::from(value), 200);
        assert_eq!(u16::from(value), 200);
        assert_eq!(u32::from(value), 200);
        assert_eq!(u64::from(value), 200);
        assert_eq!(usize::from(value), 200);

        let negative = Bounded::<i64, 7>::new::<{ -64 }>();
        assert_eq!(i8::from(negative), -64);
        assert_eq!(i16::from(negative), -64);
        assert_eq!(isize::from(negative), -64);
        assert_eq!(i32::from(Bounded::<i8, 8>::new::<{ i8::MIN }>()), -128);
    }

    #[test]
    fn one_bit_is_a_bool() {
        for value in [false, true] {
            assert_eq!(bool::from(Bounded::<u32, 1>::from(value)), value);
            assert_eq!(Bounded::<u64, 1>::from(value).into_bool(), value);
            assert_eq!(Bounded::<u8, 5>::from(value).get(), u8::from(value));
        }
    }

    #[test]
    fn any_number_can_be_tried() {
        let fits: Option<Bounded<u8, 4>> = 15_i64.try_into_bounded();
        assert!(fits.is_some_and(|value| value == 15));
        let too_wide: Option<Bounded<u8, 4>> = 16_i64.try_into_bounded();
        assert!(too_wide.is_none());
        // Beyond the type, though its low bits would do.
        let beyond: Option<Bounded<u8, 4>> = 0x101_u32.try_into_bounded();
        assert!(beyond.is_none());
        let negative: Option<Bounded<u8, 4>> = (-1).try_into_bounded();
        assert!(negative.is_none());
        let signed: Option<Bounded<i8, 4>> = (-8_i64).try_into_bounded();
        assert!(signed.is_some_and(|value| value == -8));
    }
}
