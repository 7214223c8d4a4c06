// SPDX-License-Identifier: GPL-2.0

//! Points in time.

use super::{ClockSource, Delta};
use crate::{bindings, fmt};
use core::{
    cmp::Ordering,
    marker::PhantomData,
    ops::{Add, Sub},
};

/// A point in time, as the clock `C` shows it.
///
/// The difference of two instants is a [`Delta`], which never overflows. An instant plus or minus a
/// `Delta` is an instant, from 0 on the clock to `i64::MAX` nanoseconds (292 years) later: **what
/// would be outside becomes the first or the last of them.**
///
/// C counterpart: [`ktime_t`], where it holds what a clock shows.
///
/// # Invariants
///
/// `inner` is not negative.
///
/// # Examples
///
/// ```
/// use kernel::time::{Delta, Instant, Monotonic};
///
/// let start = Instant::<Monotonic>::now();
/// let deadline = start + Delta::from_secs(10);
///
/// assert!(deadline > start);
/// assert_eq!(deadline - start, Delta::from_secs(10));
/// assert!((start - deadline).is_negative());
/// ```
///
/// [`ktime_t`]: srctree/include/linux/ktime.h
#[repr(transparent)]
pub struct Instant<C: ClockSource> {
    inner: bindings::ktime_t,
    _clock: PhantomData<C>,
}

impl<C: ClockSource> Instant<C> {
    /// Makes the instant of this many nanoseconds, or the nearest that there is.
    #[inline]
    pub(super) fn from_ktime(nanos: bindings::ktime_t) -> Self {
        // INVARIANT: Not negative any more.
        Self {
            inner: nanos.max(0),
            _clock: PhantomData,
        }
    }

    /// Returns what the clock showed, in nanoseconds: at least 0.
    #[inline]
    pub(super) fn ktime(self) -> bindings::ktime_t {
        self.inner
    }

    /// Reads the clock.
    ///
    /// May be called in any context.
    #[inline]
    pub fn now() -> Self {
        Self::from_ktime(C::ktime_get())
    }

    /// Returns how much time has passed since.
    ///
    /// Negative if the instant is still to come, or the clock was set back: see [`ClockSource`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{Delta, Instant, Monotonic};
    ///
    /// let tomorrow = Instant::<Monotonic>::now() + Delta::from_secs(24 * 60 * 60);
    /// assert!(tomorrow.elapsed().is_negative());
    /// ```
    #[inline]
    pub fn elapsed(&self) -> Delta {
        Self::now() - *self
    }
}

// The comparisons, too, are not derived: that would ask for them of the clock.

impl<C: ClockSource> Clone for Instant<C> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: ClockSource> Copy for Instant<C> {}

impl<C: ClockSource> PartialEq for Instant<C> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl<C: ClockSource> Eq for Instant<C> {}

impl<C: ClockSource> PartialOrd for Instant<C> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<C: ClockSource> Ord for Instant<C> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.inner.cmp(&other.inner)
    }
}

impl<C: ClockSource> fmt::Debug for Instant<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instant({} ns)", self.inner)
    }
}

impl<C: ClockSource> Sub for Instant<C> {
    type Output = Delta;

    #[inline]
    fn sub(self, other: Instant<C>) -> Delta {
        // Neither is negative, by the type invariant, so the difference is in range.
        Delta::from_nanos(self.inner - other.inner)
    }
}

impl<T: ClockSource> Add<Delta> for Instant<T> {
    type Output = Self;

    #[inline]
    fn add(self, rhs: Delta) -> Self::Output {
        Self::from_ktime(self.inner.saturating_add(rhs.as_nanos()))
    }
}

impl<T: ClockSource> Sub<Delta> for Instant<T> {
    type Output = Self;

    #[inline]
    fn sub(self, rhs: Delta) -> Self::Output {
        Self::from_ktime(self.inner.saturating_sub(rhs.as_nanos()))
    }
}
