// SPDX-License-Identifier: GPL-2.0

//! What lies between two points in time.

use super::{NSEC_PER_MSEC, NSEC_PER_SEC, NSEC_PER_USEC};
use core::ops::{Add, AddAssign, Div, Mul, MulAssign, Sub, SubAssign};

/// A span of time in nanoseconds, which may be negative.
///
/// From about 292 years back to 292 years ahead. **Arithmetic stops at these ends**: what would be
/// beyond them becomes the end itself. Nothing here panics, division by zero included.
///
/// C counterpart: [`ktime_t`], where it holds a difference.
///
/// # Examples
///
/// ```
/// use kernel::time::Delta;
///
/// let timeout = Delta::from_millis(1) + Delta::from_micros(500);
/// assert_eq!(timeout.as_nanos(), 1_500_000);
/// assert_eq!(timeout.as_micros_ceil(), 1_500);
/// assert_eq!(timeout * 4 / timeout, 4);
/// assert!((Delta::ZERO - timeout).is_negative());
///
/// // What does not fit becomes the longest span.
/// let longest = Delta::from_nanos(i64::MAX);
/// assert_eq!(Delta::from_secs(i64::MAX), longest);
/// assert_eq!(longest + timeout, longest);
/// ```
///
/// [`ktime_t`]: srctree/include/linux/ktime.h
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delta {
    nanos: i64,
}

impl Delta {
    /// No time at all.
    pub const ZERO: Self = Self::from_nanos(0);

    /// Makes a span of `nanos` nanoseconds.
    #[inline]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self { nanos }
    }

    /// Makes a span of `micros` microseconds, or the longest one.
    #[inline]
    pub const fn from_micros(micros: i64) -> Self {
        Self::from_nanos(micros.saturating_mul(NSEC_PER_USEC))
    }

    /// Makes a span of `millis` milliseconds, or the longest one.
    #[inline]
    pub const fn from_millis(millis: i64) -> Self {
        Self::from_nanos(millis.saturating_mul(NSEC_PER_MSEC))
    }

    /// Makes a span of `secs` seconds, or the longest one.
    #[inline]
    pub const fn from_secs(secs: i64) -> Self {
        Self::from_nanos(secs.saturating_mul(NSEC_PER_SEC))
    }

    /// Returns whether it is no time at all.
    #[inline]
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    /// Returns whether it leads back in time.
    #[inline]
    pub fn is_negative(self) -> bool {
        self < Self::ZERO
    }

    /// Returns the nanoseconds.
    #[inline]
    pub const fn as_nanos(self) -> i64 {
        self.nanos
    }

    /// Returns the smallest number of microseconds that is not less.
    ///
    /// So 1 ns is 1 µs, and -1 ns is 0 µs.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::Delta;
    ///
    /// assert_eq!(Delta::from_nanos(1_000).as_micros_ceil(), 1);
    /// assert_eq!(Delta::from_nanos(1_001).as_micros_ceil(), 2);
    /// assert_eq!(Delta::from_nanos(-1_999).as_micros_ceil(), -1);
    /// ```
    #[inline]
    pub fn as_micros_ceil(self) -> i64 {
        let whole = quotient(self.nanos, NSEC_PER_USEC);
        if self.nanos > whole * NSEC_PER_USEC {
            whole + 1
        } else {
            whole
        }
    }

    /// Returns the whole milliseconds; what is left over is dropped, whatever the sign.
    ///
    /// So both 999,999 ns and -999,999 ns are 0 ms.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::Delta;
    ///
    /// assert_eq!(Delta::from_micros(1_999).as_millis(), 1);
    /// assert_eq!(Delta::from_micros(-1_999).as_millis(), -1);
    /// ```
    #[inline]
    pub fn as_millis(self) -> i64 {
        quotient(self.nanos, NSEC_PER_MSEC)
    }

    /// Returns what is left over when whole multiples of `dividend` nanoseconds are taken off.
    ///
    /// It has the sign of `self`, and that of `dividend` does not matter. Of a multiple of 0 ns
    /// nothing can be taken off: then `self` is what is left.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::Delta;
    ///
    /// let phase = Delta::from_nanos(2_345).rem_nanos(1_000);
    /// assert_eq!(phase, Delta::from_nanos(345));
    /// assert_eq!(Delta::from_nanos(-2_345).rem_nanos(1_000), Delta::from_nanos(-345));
    /// ```
    #[inline]
    pub fn rem_nanos(self, dividend: i32) -> Self {
        match dividend {
            0 => return self,
            // Processors trap when they divide the lowest number by it.
            -1 => return Self::ZERO,
            _ => {}
        }
        #[cfg(CONFIG_64BIT)]
        let left = self.nanos % i64::from(dividend);
        #[cfg(not(CONFIG_64BIT))]
        let left = {
            let mut left = 0;
            // SAFETY: The divisor is neither 0 nor -1, and `left` can be written to.
            unsafe { crate::bindings::div_s64_rem(self.nanos, dividend, &raw mut left) };
            i64::from(left)
        };
        Self::from_nanos(left)
    }
}

/// Divides, and drops what is left over. `divisor` is neither 0 nor -1.
#[inline]
fn quotient(dividend: i64, divisor: i64) -> i64 {
    #[cfg(CONFIG_64BIT)]
    {
        dividend / divisor
    }
    // There a division of 64 bits is a function, of the C side's own.
    #[cfg(not(CONFIG_64BIT))]
    // SAFETY: It calculates; the divisor is neither 0 nor -1, says the caller.
    unsafe {
        crate::bindings::div64_s64(dividend, divisor)
    }
}

impl Add for Delta {
    type Output = Self;

    #[inline]
    fn add(self, rhs: Self) -> Self {
        Self::from_nanos(self.nanos.saturating_add(rhs.nanos))
    }
}

impl AddAssign for Delta {
    #[inline]
    fn add_assign(&mut self, rhs: Self) {
        *self = *self + rhs;
    }
}

impl Sub for Delta {
    type Output = Self;

    #[inline]
    fn sub(self, rhs: Self) -> Self::Output {
        Self::from_nanos(self.nanos.saturating_sub(rhs.nanos))
    }
}

impl SubAssign for Delta {
    #[inline]
    fn sub_assign(&mut self, rhs: Self) {
        *self = *self - rhs;
    }
}

impl Mul<i64> for Delta {
    type Output = Self;

    #[inline]
    fn mul(self, rhs: i64) -> Self::Output {
        Self::from_nanos(self.nanos.saturating_mul(rhs))
    }
}

impl MulAssign<i64> for Delta {
    #[inline]
    fn mul_assign(&mut self, rhs: i64) {
        *self = *self * rhs;
    }
}

/// How many times a span fits into another; what is left over is dropped.
///
/// Into a span that is not zero, no time at all fits `i64::MAX` times, or `i64::MIN` times if that
/// span is negative; and 0 times into itself.
impl Div for Delta {
    type Output = i64;

    #[inline]
    fn div(self, rhs: Self) -> Self::Output {
        match rhs.nanos {
            0 if self.is_zero() => 0,
            0 if self.is_negative() => i64::MIN,
            0 => i64::MAX,
            -1 => self.nanos.saturating_neg(),
            divisor => quotient(self.nanos, divisor),
        }
    }
}
