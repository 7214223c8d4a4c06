// SPDX-License-Identifier: GPL-2.0

//! Moments and pauses, by the clock that ticks in the kernel, some hundred times a second.
//!
//! C header: [`include/linux/jiffies.h`](srctree/include/linux/jiffies.h)

use crate::{
    bindings,
    ffi::{c_long, c_ulong},
};

/// A moment, to within a tick of the kernel's clock: a value of [`jiffies`].
///
/// # Examples
///
/// ```
/// use kernel::io::{pause, Moment};
///
/// let start = Moment::now();
/// pause(2);
/// assert!(start.elapsed() >= 2);
/// ```
///
/// # Invariants
///
/// The value was that of `jiffies` at some time.
///
/// [`jiffies`]: srctree/include/linux/jiffies.h
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(c_ulong);

impl Moment {
    /// Returns the present moment.
    pub fn now() -> Self {
        let jiffies = &raw const bindings::jiffies;
        // SAFETY: `jiffies` is there for as long as the kernel is, and it is a word: C, too, reads it
        // by a volatile access while the clock changes it.
        let now = unsafe { jiffies.read_volatile() };
        // INVARIANT: This was the value of `jiffies`.
        Self(now)
    }

    /// Returns how many ticks have passed since this moment.
    ///
    /// The clock begins again at zero after its largest value; the result is right as long as it has
    /// not come by this moment again, which takes weeks at the least.
    pub fn elapsed(self) -> c_ulong {
        Self::now().0.wrapping_sub(self.0)
    }
}

/// Sleeps until the clock has ticked so many times.
///
/// To be called where sleeping is allowed.
pub fn pause(ticks: u16) {
    // SAFETY: The function may be called in any task that may sleep, and a `u16` is not negative.
    unsafe { bindings::schedule_timeout_uninterruptible(ticks as c_long) };
}

#[crate::macros::kunit_tests(rust_io)]
mod cases {
    use super::{pause, Moment};

    #[test]
    fn the_clock_ticks_during_a_pause() {
        let start = Moment::now();
        for ticks in 1..=3 {
            let before = start.elapsed();
            pause(ticks);
            assert!(start.elapsed() - before >= usize::from(ticks));
        }
    }

    #[test]
    fn a_moment_stays_what_it_is() {
        let start = Moment::now();
        let copy = start;
        pause(1);
        assert_eq!(start, copy);
        assert!(Moment::now() != start);
    }
}
