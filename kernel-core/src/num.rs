// SPDX-License-Identifier: GPL-2.0

//! Numbers.
//!
//! - [`Integer`] is what the primitive integers have in common, for generic code.
//! - [`Bounded`] is an integer that is known to fit in so many bits.

use core::ops;

pub mod bounded;

pub use bounded::*;

/// The primitive integers.
///
/// # Examples
///
/// ```
/// use kernel::num::{Integer, Unsigned};
///
/// /// Swaps the two halves of an unsigned integer.
/// fn swap_halves<T: Integer<Signedness = Unsigned>>(value: T) -> T {
///     let half = T::BITS / 2;
///     value << half | value >> half
/// }
///
/// assert_eq!(swap_halves(0x1234_u16), 0x3412);
/// assert_eq!(swap_halves(0xabcd_0123_u32), 0x0123_abcd);
/// ```
pub trait Integer:
    private::Sealed
    + Sized
    + Copy
    + Clone
    + PartialEq
    + Eq
    + PartialOrd
    + Ord
    + ops::Add<Output = Self>
    + ops::AddAssign
    + ops::Sub<Output = Self>
    + ops::SubAssign
    + ops::Mul<Output = Self>
    + ops::MulAssign
    + ops::Div<Output = Self>
    + ops::DivAssign
    + ops::Rem<Output = Self>
    + ops::RemAssign
    + ops::BitAnd<Output = Self>
    + ops::BitAndAssign
    + ops::BitOr<Output = Self>
    + ops::BitOrAssign
    + ops::BitXor<Output = Self>
    + ops::BitXorAssign
    + ops::Shl<u32, Output = Self>
    + ops::ShlAssign<u32>
    + ops::Shr<u32, Output = Self>
    + ops::ShrAssign<u32>
    + ops::Not
{
    /// [`Signed`] or [`Unsigned`].
    type Signedness;

    /// How many bits the type has.
    const BITS: u32;
}

/// Tells unsigned integers apart, as [`Integer::Signedness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsigned {}

/// Tells signed integers apart, as [`Integer::Signedness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {}

mod private {
    /// Keeps others from implementing [`Integer`](super::Integer).
    pub trait Sealed {}
}

macro_rules! impl_integer {
    ($signedness:ident: $($int:ident)*) => {$(
        impl private::Sealed for $int {}

        impl Integer for $int {
            type Signedness = $signedness;

            const BITS: u32 = $int::BITS;
        }
    )*};
}

impl_integer!(Unsigned: u8 u16 u32 u64 u128 usize);
impl_integer!(Signed: i8 i16 i32 i64 i128 isize);
