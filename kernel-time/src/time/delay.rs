// SPDX-License-Identifier: GPL-2.0

//! Waiting for a time to pass.
//!
//! [`fsleep`] sleeps, and is the one to use wherever sleeping is allowed. [`udelay`] keeps the CPU
//! busy, for a few microseconds in a context that must not sleep.
//!
//! In C these are functions of [`linux/delay.h`](srctree/include/linux/delay.h). Which of them is for
//! what: [delay_sleep_functions.rst].
//!
//! [delay_sleep_functions.rst]: srctree/Documentation/timers/delay_sleep_functions.rst

use super::Delta;
use crate::{bindings, ffi::c_ulong};

/// Sleeps for at least `delta`, rounded up to microseconds.
///
/// How, depends on the span: up to 10 µs keep the CPU busy, a few milliseconds are waited for with
/// a timer of high resolution, more with one that ticks. The last two may take a quarter longer. A
/// span that is zero or negative is over already. There is no upper bound.
///
/// Sleeps, so it must not be called in an interrupt handler or with a spinlock held. Signals don't
/// wake it.
///
/// C counterpart: `fsleep()`.
///
/// # Examples
///
/// ```
/// use kernel::time::{delay::fsleep, Delta, Instant, Monotonic};
///
/// let start = Instant::<Monotonic>::now();
/// fsleep(Delta::from_micros(100));
/// assert!(start.elapsed() >= Delta::from_micros(100));
/// ```
pub fn fsleep(delta: Delta) {
    // In milliseconds, this is far from where `msleep()` takes a time for an infinite one.
    for micros in parts(delta, i32::MAX) {
        // SAFETY: A call from a context that must not sleep is reported by the scheduler.
        unsafe { bindings::fsleep(micros) };
    }
}

/// Keeps the CPU busy for about `delta`, rounded up to microseconds.
///
/// May be called in any context. Keep it short: nothing else runs on this CPU meanwhile, unless
/// preempted. From some ten microseconds on, use [`fsleep`] where sleeping is allowed. A span that
/// is zero or negative is over already.
///
/// On some architectures a loop is counted whose speed was measured at boot. Where the measurement
/// was off, or the CPU's frequency has changed since, the delay **may be shorter** than asked.
///
/// C counterpart: `udelay()`, called in pieces of a millisecond where the span is longer than that,
/// as `mdelay()` does, because more than a few milliseconds overflow there.
///
/// # Examples
///
/// ```
/// use kernel::time::{delay::udelay, Delta, Instant, Monotonic};
///
/// let start = Instant::<Monotonic>::now();
/// udelay(Delta::from_micros(5));
/// assert!(!start.elapsed().is_negative());
/// ```
pub fn udelay(delta: Delta) {
    for micros in parts(delta, 1000) {
        // SAFETY: It may be called in any context, and so short a delay does not overflow.
        unsafe { bindings::udelay(micros) };
    }
}

/// Returns the microseconds of `delta` in parts of at most `longest`, which is positive.
///
/// Their sum is not less than `delta`. There is none for a span that is not positive.
pub(super) fn parts(delta: Delta, longest: i32) -> impl Iterator<Item = c_ulong> {
    let longest = i64::from(longest);
    let mut left = delta.as_micros_ceil();
    core::iter::from_fn(move || {
        let part = left.min(longest);
        left -= part.max(0);
        // A positive `i32`, so no bits are lost.
        (part > 0).then_some(part as c_ulong)
    })
}
