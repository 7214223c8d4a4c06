// SPDX-License-Identifier: GPL-2.0

//! What can be done to bounded integers as to plain ones: arithmetic, comparison, formatting.
//!
//! The result of an operation is a plain integer, as it may need more bits than its operands; to
//! have a bounded one again, pass it to [`Bounded::from_expr`] or [`Bounded::try_new`].

use core::{
    cmp::Ordering,
    fmt,
    ops::{self, Deref},
};

use crate::num::{Bounded, Integer};

impl<T, const N: u32> Deref for Bounded<T, N>
where
    T: Integer,
{
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T, U, const N: u32, const M: u32> PartialEq<Bounded<U, M>> for Bounded<T, N>
where
    T: Integer + PartialEq<U>,
    U: Integer,
{
    #[inline]
    fn eq(&self, other: &Bounded<U, M>) -> bool {
        self.get() == other.get()
    }
}

impl<T, const N: u32> Eq for Bounded<T, N> where T: Integer {}

impl<T, U, const N: u32, const M: u32> PartialOrd<Bounded<U, M>> for Bounded<T, N>
where
    T: Integer + PartialOrd<U>,
    U: Integer,
{
    #[inline]
    fn partial_cmp(&self, other: &Bounded<U, M>) -> Option<Ordering> {
        self.get().partial_cmp(&other.get())
    }
}

impl<T, const N: u32> Ord for Bounded<T, N>
where
    T: Integer + Ord,
{
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.get().cmp(&other.get())
    }
}

impl<T, const N: u32> PartialEq<T> for Bounded<T, N>
where
    T: Integer + PartialEq,
{
    #[inline]
    fn eq(&self, other: &T) -> bool {
        self.get() == *other
    }
}

impl<T, const N: u32> PartialOrd<T> for Bounded<T, N>
where
    T: Integer + PartialOrd,
{
    #[inline]
    fn partial_cmp(&self, other: &T) -> Option<Ordering> {
        self.get().partial_cmp(other)
    }
}

macro_rules! impl_binary {
    ($($trait:ident $method:ident,)*) => {$(
        impl<T, const N: u32, const M: u32> ops::$trait<Bounded<T, M>> for Bounded<T, N>
        where
            T: Integer + ops::$trait<Output = T>,
        {
            type Output = T;

            #[inline(always)]
            fn $method(self, rhs: Bounded<T, M>) -> Self::Output {
                self.get().$method(rhs.get())
            }
        }

        impl<T, const N: u32> ops::$trait<T> for Bounded<T, N>
        where
            T: Integer + ops::$trait<Output = T>,
        {
            type Output = T;

            #[inline(always)]
            fn $method(self, rhs: T) -> Self::Output {
                self.get().$method(rhs)
            }
        }
    )*};
}

impl_binary! {
    Add add,
    Sub sub,
    Mul mul,
    Div div,
    Rem rem,
    BitAnd bitand,
    BitOr bitor,
    BitXor bitxor,
}

macro_rules! impl_unary {
    ($($trait:ident $method:ident,)*) => {$(
        impl<T, const N: u32> ops::$trait for Bounded<T, N>
        where
            T: Integer + ops::$trait<Output = T>,
        {
            type Output = T;

            #[inline(always)]
            fn $method(self) -> Self::Output {
                self.get().$method()
            }
        }
    )*};
}

impl_unary! {
    Neg neg,
    Not not,
}

macro_rules! impl_format {
    ($($trait:ident)*) => {$(
        impl<T, const N: u32> fmt::$trait for Bounded<T, N>
        where
            T: Integer + fmt::$trait,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.get().fmt(f)
            }
        }
    )*};
}

impl_format!(Binary Display LowerExp LowerHex Octal UpperExp UpperHex);

impl<T, const N: u32> crate::fmt::Display for Bounded<T, N>
where
    T: Integer + crate::fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

#[macros::kunit_tests(rust_num_bounded_ops)]
mod tests {
    use super::*;
    use crate::str::CString;
    use macros::fmt;

    #[test]
    fn operations_give_plain_integers() {
        let a = Bounded::<u32, 8>::new::<200>();
        let b = Bounded::<u32, 6>::new::<60>();
        assert_eq!(a + b, 260);
        assert_eq!(a - b, 140);
        assert_eq!(a * b, 12_000);
        assert_eq!(a / b, 3);
        assert_eq!(a % b, 20);
        assert_eq!(a & b, 200 & 60);
        assert_eq!(a | b, 200 | 60);
        assert_eq!(a ^ b, 200 ^ 60);

        assert_eq!(a + 1, 201);
        assert_eq!(a - 1, 199);
        assert_eq!(a * 2, 400);
        assert_eq!(a / 3, 66);
        assert_eq!(a % 3, 2);
        assert_eq!(a & 0xf, 8);
        assert_eq!(a | 1, 201);
        assert_eq!(a ^ 200, 0);

        assert_eq!(!a, !200);
        assert_eq!(-Bounded::<i8, 4>::new::<{ -8 }>(), 8);
    }

    #[test]
    fn comparison_ignores_the_number_of_bits() {
        let small = Bounded::<u8, 3>::new::<5>();
        let large = Bounded::<u8, 8>::new::<5>();
        assert!(small == large);
        assert!(small <= large);
        assert!(small < Bounded::<u8, 4>::new::<9>());
        assert!(small == 5);
        assert!(small > 4);
        assert_eq!(small.cmp(&Bounded::<u8, 3>::new::<6>()), Ordering::Less);
        assert!(Bounded::<i8, 3>::new::<{ -1 }>() < Bounded::<i8, 7>::new::<0>());
    }

    #[test]
    fn methods_of_the_integer_are_in_reach() {
        let value = Bounded::<u16, 10>::new::<0x300>();
        assert_eq!(value.count_ones(), 2);
        assert_eq!(value.checked_sub(0x301), None);
    }

    #[test]
    fn formats_as_the_integer_does() -> crate::error::Result {
        let value = Bounded::<u32, 12>::new::<0xabc>();
        let text = CString::try_from_fmt(fmt!(
            "{value} {value:5} {value:x} {value:#X} {value:o} {value:b}"
        ))?;
        assert_eq!(text.to_bytes(), b"2748  2748 abc 0xABC 5274 101010111100");
        let negative = Bounded::<i8, 4>::new::<{ -8 }>();
        assert_eq!(
            CString::try_from_fmt(fmt!("{negative:x}"))?.to_bytes(),
            b"f8"
        );
        Ok(())
    }
}
