// SPDX-License-Identifier: GPL-2.0

//! Integers that are known to fit in so many bits.
//!
//! See [`Bounded`].

use crate::{build_assert, const_assert, num::Integer};

mod convert;
mod ops;

pub use convert::TryIntoBounded;

/// An integer of type `T` that fits in `N` bits.
///
/// For fields of registers and other packed words: with the width in the type, a value can be put
/// into its field without a check and without spilling into the next one. For an unsigned `T` the
/// values are 0 to 2<sup>N</sup> - 1, for a signed one -2<sup>N - 1</sup> to 2<sup>N - 1</sup> - 1.
/// `N` is at least 1 and at most the number of bits of `T`.
///
/// | from | by | if it does not fit |
/// | --- | --- | --- |
/// | a constant | [`Bounded::<u32, 4>::new::<7>()`](#method.new) | does not build |
/// | an expression that the optimiser sees through | [`from_expr`](Self::from_expr) | does not build |
/// | any value | [`try_new`](Self::try_new), [`TryIntoBounded`] | `None` |
/// | a type with no more bits, or `bool` | [`From`] | (always does) |
/// | a `Bounded` | [`extend`](Self::extend), [`cast`](Self::cast), [`shl`](Self::shl), [`shr`](Self::shr) | does not build |
/// | a `Bounded` | [`try_shrink`](Self::try_shrink) | `None` |
///
/// A `Bounded` turns into a `T` with [`get`](Self::get), into any other type that has room for it
/// with [`From`], and compares to both. Arithmetic gives a `T`, since its result may need more bits.
///
/// # Invariants
///
/// - `N` is at least 1 and at most `T::BITS`.
/// - The value fits in `N` bits.
///
/// # Examples
///
/// ```
/// use kernel::num::Bounded;
///
/// /// Where a divider stands in the clock register.
/// const SHIFT: u32 = 8;
///
/// fn clock_register(enable: bool, divider: Bounded<u32, 5>) -> u32 {
///     // The divider does not reach bit 13, whatever its value.
///     (u32::from(divider) << SHIFT) | u32::from(Bounded::<u32, 1>::from(enable))
/// }
///
/// assert_eq!(clock_register(true, Bounded::<u32, 5>::new::<31>()), 0x1f01);
///
/// let from_device_tree = 32;
/// assert!(Bounded::<u32, 5>::try_new(from_device_tree).is_none());
/// ```
///
/// Signed numbers count their sign:
///
/// ```
/// use kernel::num::Bounded;
///
/// assert!(Bounded::<i8, 4>::try_new(7).is_some());
/// assert!(Bounded::<i8, 4>::try_new(8).is_none());
/// assert!(Bounded::<i8, 4>::try_new(-8).is_some());
/// assert!(Bounded::<i8, 4>::try_new(-9).is_none());
/// ```
#[derive(Clone, Copy, Debug, Hash)]
#[repr(transparent)]
pub struct Bounded<T: Integer, const N: u32>(T);

/// Returns whether `value` is still the same without its `spare` most significant bits.
#[inline(always)]
fn fits<T: Integer>(value: T, spare: u32) -> bool {
    // The shift to the right brings back the sign, if there is one.
    (value << spare) >> spare == value
}

impl<T, const N: u32> Bounded<T, N>
where
    T: Integer,
{
    /// How many bits of the type are more than the value needs.
    ///
    /// To use it is to check that there may be such a type.
    const SPARE: u32 = {
        assert!(
            N >= 1 && N <= T::BITS,
            "a bounded integer has at least 1 bit, and at most those of its type"
        );
        T::BITS - N
    };

    /// Takes `value` for one that fits.
    ///
    /// # Safety
    ///
    /// `value` fits in `N` bits.
    #[inline(always)]
    const unsafe fn new_unchecked(value: T) -> Self {
        const { Self::SPARE };
        // INVARIANT: `SPARE` checks the number of bits; the caller vouches for the value.
        Self(value)
    }

    /// Returns `value` if it fits, and `None` otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::num::Bounded;
    ///
    /// assert_eq!(Bounded::<u8, 4>::try_new(15).map(Bounded::get), Some(15));
    /// assert!(Bounded::<u8, 4>::try_new(16).is_none());
    /// ```
    #[inline]
    pub fn try_new(value: T) -> Option<Self> {
        if fits(value, Self::SPARE) {
            // SAFETY: It fits: checked.
            Some(unsafe { Self::new_unchecked(value) })
        } else {
            None
        }
    }

    /// Returns the value of an expression of which the optimiser finds that it fits.
    ///
    /// The build fails if it does not: see [`build_assert!`](crate::build_assert!). It sees through
    /// masks, shifts and comparisons, of values it has in sight; a function that passes its argument
    /// on to this one is to be `#[inline(always)]`, too.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::num::Bounded;
    ///
    /// let word = 0xabcd_u16;
    /// let second_digit = Bounded::<u16, 4>::from_expr(word >> 8 & 0xf);
    /// assert_eq!(second_digit.get(), 0xb);
    /// ```
    #[inline(always)]
    pub fn from_expr(expr: T) -> Self {
        build_assert!(
            fits(expr, Self::SPARE),
            "the expression may not fit in that many bits"
        );
        // SAFETY: It fits, or this would not have been built.
        unsafe { Self::new_unchecked(expr) }
    }

    /// Returns bits `LOW` to `LOW + N - 1` of `word`, as a number.
    ///
    /// Called by the accessors that [`bitfield!`](crate::bitfield!) writes, in whichever crate; not
    /// to be named otherwise.
    #[doc(hidden)]
    #[inline(always)]
    pub fn of_word<const LOW: u32>(word: T) -> Self {
        const_assert!(LOW <= Self::SPARE, "the field ends beyond the word");
        let value = (word << (Self::SPARE - LOW)) >> Self::SPARE;
        // SAFETY: Shifting right by all but `N` bits leaves a number of `N` bits.
        unsafe { Self::new_unchecked(value) }
    }

    /// Returns the value.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::num::Bounded;
    ///
    /// const CHANNEL: Bounded<u32, 3> = Bounded::<u32, 3>::new::<5>();
    /// const RAW: u32 = CHANNEL.get();
    /// assert_eq!(RAW, 5);
    /// ```
    #[inline(always)]
    pub const fn get(self) -> T {
        self.0
    }

    /// Adds room: the same value, with at least as many bits.
    ///
    /// Fewer bits do not build.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::num::Bounded;
    ///
    /// let nibble = Bounded::<u8, 4>::new::<9>();
    /// let six_bits: Bounded<u8, 6> = nibble.extend();
    /// assert_eq!(six_bits, nibble);
    /// ```
    #[inline(always)]
    pub const fn extend<const M: u32>(self) -> Bounded<T, M> {
        const_assert!(M >= N, "to have fewer bits, use `try_shrink`");
        // SAFETY: What fits in `N` bits (type invariant) fits in at least as many.
        unsafe { Bounded::new_unchecked(self.0) }
    }

    /// Removes room: the same value with `M` bits, or `None` if it does not fit.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::num::Bounded;
    ///
    /// let byte = Bounded::<u32, 8>::new::<12>();
    /// assert_eq!(byte.try_shrink::<4>().map(Bounded::get), Some(12));
    /// assert!(byte.try_shrink::<3>().is_none());
    /// ```
    #[inline]
    pub fn try_shrink<const M: u32>(self) -> Option<Bounded<T, M>> {
        Bounded::try_new(self.0)
    }

    /// Changes the type: the same value and number of bits, in another integer of the same
    /// signedness.
    ///
    /// A type that has fewer than `N` bits does not build.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::num::Bounded;
    ///
    /// let page = Bounded::<u64, 20>::new::<0xfffff>();
    /// let page: Bounded<u32, 20> = page.cast();
    /// assert_eq!(page.get(), 0xfffff_u32);
    /// ```
    #[inline(always)]
    pub fn cast<U>(self) -> Bounded<U, N>
    where
        U: TryFrom<T> + Integer,
        T: Integer,
        U: Integer<Signedness = T::Signedness>,
    {
        const_assert!(N <= U::BITS, "the type has fewer bits than the value");
        let value = U::try_from(self.0);
        // SAFETY: `U` holds all numbers of `N` bits, as it has at least as many and the same
        // signedness, and the conversion between two integers (`Integer` is sealed) only fails for
        // what does not fit.
        let value = unsafe { value.unwrap_unchecked() };
        // SAFETY: The value is the same as before, and so is the number of bits.
        unsafe { Bounded::new_unchecked(value) }
    }

    /// Shifts to the left by `SHIFT` bits, which makes the value a number of `RES` bits.
    ///
    /// `RES` is at least `N + SHIFT`, or this does not build.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::num::Bounded;
    ///
    /// let page = Bounded::<u32, 20>::new::<3>();
    /// let address = page.shl::<12, 32>();
    /// assert_eq!(address.get(), 0x3000);
    /// ```
    #[inline(always)]
    pub fn shl<const SHIFT: u32, const RES: u32>(self) -> Bounded<T, RES> {
        const_assert!(
            RES >= N && RES - N >= SHIFT,
            "the result of the shift needs more bits"
        );
        const_assert!(SHIFT < T::BITS);
        // SAFETY: The value has `N` bits (type invariant), so it has `N + SHIFT` of them afterwards,
        // none of which are lost: that is at most `RES`, and `RES` is at most `T::BITS`.
        unsafe { Bounded::new_unchecked(self.0 << SHIFT) }
    }

    /// Shifts to the right by `SHIFT` bits, which makes the value a number of `RES` bits.
    ///
    /// `RES` is at least `N - SHIFT`, and `SHIFT` less than the number of bits of `T`, or this does
    /// not build. Signed numbers keep their sign.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::num::Bounded;
    ///
    /// let address = Bounded::<u64, 40>::new::<0x12_3456_7000>();
    /// let page = address.shr::<12, 28>();
    /// assert_eq!(page.get(), 0x123_4567);
    /// ```
    #[inline(always)]
    pub fn shr<const SHIFT: u32, const RES: u32>(self) -> Bounded<T, RES> {
        const_assert!(SHIFT < T::BITS, "the shift leaves nothing of the value");
        const_assert!(
            N <= SHIFT || RES >= N - SHIFT,
            "the result of the shift needs more bits"
        );
        // SAFETY: The value has `N` bits (type invariant), so it has `N - SHIFT` of them afterwards,
        // or 1, all zeroes or all ones, if that is not positive. `RES` is at least as much.
        unsafe { Bounded::new_unchecked(self.0 >> SHIFT) }
    }
}

macro_rules! impl_new {
    ($($int:ident)*) => {$(
        impl<const N: u32> Bounded<$int, N> {
            /// Returns the constant `VALUE`, which fits in `N` bits, or this does not build.
            ///
            /// # Examples
            ///
            /// ```
            /// use kernel::num::Bounded;
            ///
            #[doc = concat!("const THREE: Bounded<", stringify!($int), ", 4> = Bounded::<", stringify!($int), ", 4>::new::<3>();")]
            /// assert_eq!(THREE.get(), 3);
            /// ```
            #[inline(always)]
            pub const fn new<const VALUE: $int>() -> Self {
                const_assert!(
                    (VALUE << Self::SPARE) >> Self::SPARE == VALUE,
                    "the constant does not fit in that many bits"
                );
                // SAFETY: It fits, or this would not have been built.
                unsafe { Self::new_unchecked(VALUE) }
            }
        }
    )*};
}

impl_new!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

impl<T, const N: u32> Default for Bounded<T, N>
where
    T: Integer + Default,
{
    /// Returns 0.
    #[inline]
    fn default() -> Self {
        // SAFETY: The default of an integer is 0, which fits in any number of bits.
        unsafe { Self::new_unchecked(T::default()) }
    }
}

#[macros::kunit_tests(rust_num_bounded)]
mod tests {
    use super::*;

    #[test]
    fn unsigned_bounds_are_exact() {
        for value in 0..=u8::MAX {
            assert_eq!(Bounded::<u8, 1>::try_new(value).is_some(), value < 2);
            assert_eq!(Bounded::<u8, 4>::try_new(value).is_some(), value < 16);
            assert_eq!(Bounded::<u8, 7>::try_new(value).is_some(), value < 128);
            assert!(Bounded::<u8, 8>::try_new(value).is_some_and(|kept| kept.get() == value));
        }
        assert!(Bounded::<u64, 63>::try_new(u64::MAX >> 1).is_some());
        assert!(Bounded::<u64, 63>::try_new(1 << 63).is_none());
        assert!(Bounded::<u128, 100>::try_new(1 << 100).is_none());
        assert!(Bounded::<u128, 100>::try_new((1 << 100) - 1).is_some());
    }

    #[test]
    fn signed_bounds_are_exact() {
        for value in i8::MIN..=i8::MAX {
            assert_eq!(
                Bounded::<i8, 1>::try_new(value).is_some(),
                (-1..1).contains(&value)
            );
            assert_eq!(
                Bounded::<i8, 4>::try_new(value).is_some(),
                (-8..8).contains(&value)
            );
            assert_eq!(
                Bounded::<i8, 7>::try_new(value).is_some(),
                (-64..64).contains(&value)
            );
            assert!(Bounded::<i8, 8>::try_new(value).is_some_and(|kept| kept.get() == value));
        }
        assert!(Bounded::<i64, 64>::try_new(i64::MIN).is_some());
        assert!(Bounded::<i64, 63>::try_new(i64::MIN).is_none());
        assert!(Bounded::<i128, 128>::try_new(i128::MIN).is_some());
    }

    #[test]
    fn constants_reach_both_ends() {
        assert_eq!(Bounded::<u8, 8>::new::<255>().get(), 255);
        assert_eq!(Bounded::<u16, 1>::new::<1>().get(), 1);
        assert_eq!(Bounded::<i8, 1>::new::<{ -1 }>().get(), -1);
        assert_eq!(Bounded::<i16, 9>::new::<{ -256 }>().get(), -256);
        assert_eq!(Bounded::<i32, 32>::new::<{ i32::MIN }>().get(), i32::MIN);
        assert_eq!(
            Bounded::<usize, { usize::BITS }>::new::<{ usize::MAX }>().get(),
            usize::MAX
        );
        assert_eq!(Bounded::<u64, 3>::default().get(), 0);
    }

    #[test]
    fn words_are_cut_into_fields() {
        let word = 0xfedc_ba98_u32;
        assert_eq!(Bounded::<u32, 4>::of_word::<0>(word).get(), 0x8);
        assert_eq!(Bounded::<u32, 8>::of_word::<4>(word).get(), 0xa9);
        assert_eq!(Bounded::<u32, 4>::of_word::<28>(word).get(), 0xf);
        assert_eq!(Bounded::<u32, 32>::of_word::<0>(word).get(), word);
        assert_eq!(Bounded::<u32, 1>::of_word::<31>(word).get(), 1);
        assert_eq!(Bounded::<i8, 3>::of_word::<2>(0b0011_0010).get(), -4);
    }

    #[test]
    fn room_is_added_and_removed() {
        let value = Bounded::<u16, 7>::new::<100>();
        assert_eq!(value.extend::<7>().get(), 100);
        assert_eq!(value.extend::<16>().get(), 100);
        assert!(value.try_shrink::<7>().is_some());
        assert!(value.try_shrink::<6>().is_none());
        assert!(value.try_shrink::<9>().is_some());

        let negative = Bounded::<i16, 8>::new::<{ -128 }>();
        assert_eq!(negative.extend::<12>().get(), -128);
        assert!(negative.try_shrink::<7>().is_none());
        assert!(Bounded::<i16, 8>::new::<{ -64 }>()
            .try_shrink::<7>()
            .is_some());
    }

    #[test]
    fn types_change_and_values_do_not() {
        let value = Bounded::<u64, 16>::new::<0xffff>();
        assert_eq!(value.cast::<u16>().get(), 0xffff);
        assert_eq!(value.cast::<usize>().get(), 0xffff);
        assert_eq!(value.cast::<u128>().get(), 0xffff);

        let negative = Bounded::<i64, 8>::new::<{ -128 }>();
        assert_eq!(negative.cast::<i8>().get(), i8::MIN);
        assert_eq!(negative.cast::<isize>().get(), -128);
    }

    #[test]
    fn shifts_keep_every_bit_they_promise() {
        let value = Bounded::<u8, 3>::new::<0b101>();
        assert_eq!(value.shl::<0, 3>().get(), 0b101);
        assert_eq!(value.shl::<5, 8>().get(), 0b1010_0000);
        assert_eq!(value.shr::<1, 2>().get(), 0b10);
        assert_eq!(value.shr::<0, 3>().get(), 0b101);
        // Everything is shifted out; the result still has a bit.
        assert_eq!(value.shr::<3, 1>().get(), 0);
        assert_eq!(value.shr::<7, 1>().get(), 0);

        let negative = Bounded::<i8, 4>::new::<{ -8 }>();
        assert_eq!(negative.shr::<2, 2>().get(), -2);
        assert_eq!(negative.shr::<7, 1>().get(), -1);
        assert_eq!(negative.shl::<4, 8>().get(), i8::MIN);
    }

    #[test]
    fn expressions_in_sight_need_no_check() {
        let word = core::hint::black_box(0x1234_u32);
        assert_eq!(Bounded::<u32, 8>::from_expr(word & 0xff).get(), 0x34);
        assert_eq!(Bounded::<u32, 4>::from_expr(word >> 28).get(), 0);
        assert_eq!(Bounded::<u32, 3>::from_expr(word % 8).get(), 4);
    }
}
