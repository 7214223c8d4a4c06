// SPDX-License-Identifier: GPL-2.0

//! Points in time and what lies between them, delays and timers.
//!
//! - [`Instant<C>`] is a point in time, as the clock `C` shows it. Instants of different clocks are
//!   different types, so they can't be mixed up.
//! - [`Delta`] is what lies between two instants: a number of nanoseconds, negative ones included.
//! - [`Monotonic`], [`BootTime`], [`RealTime`] and [`Tai`] are the clocks; [`ClockSource`] says how
//!   they differ.
//! - [`delay`] waits, asleep or busy.
//! - [`hrtimer`] calls back once a time has come.
//! - [`Jiffies`] are the ticks that older interfaces of the kernel count in.
//!
//! **No arithmetic here panics or wraps around.** What does not fit becomes the nearest value that
//! does: spans end at about 292 years in both directions; instants at 0 and as far beyond.
//!
//! C headers: [`include/linux/ktime.h`](srctree/include/linux/ktime.h),
//! [`include/linux/timekeeping.h`](srctree/include/linux/timekeeping.h),
//! [`include/linux/jiffies.h`](srctree/include/linux/jiffies.h).
//!
//! # Examples
//!
//! ```
//! use kernel::time::{delay::fsleep, Delta, Instant, Monotonic};
//!
//! let start = Instant::<Monotonic>::now();
//! fsleep(Delta::from_millis(2));
//! assert!(start.elapsed() >= Delta::from_millis(2));
//! ```

mod clock;
pub mod delay;
mod delta;
pub mod hrtimer;
mod instant;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use clock::{BootTime, ClockSource, Monotonic, RealTime, Tai};
pub use delta::Delta;
pub use instant::Instant;

use crate::{
    bindings,
    ffi::{c_uint, c_ulong},
};

/// Nanoseconds in a microsecond.
pub const NSEC_PER_USEC: i64 = bindings::NSEC_PER_USEC as i64;

/// Nanoseconds in a millisecond.
pub const NSEC_PER_MSEC: i64 = bindings::NSEC_PER_MSEC as i64;

/// Nanoseconds in a second.
pub const NSEC_PER_SEC: i64 = bindings::NSEC_PER_SEC as i64;

/// A number of timer ticks. There are `CONFIG_HZ` of them in a second.
pub type Jiffies = c_ulong;

/// A number of milliseconds.
pub type Msecs = c_uint;

/// Converts milliseconds to jiffies, rounded up.
///
/// Values above `i32::MAX`, and those for which there are too few jiffies, become the longest
/// timeout that the kernel knows (C's `MAX_JIFFY_OFFSET`).
///
/// C counterpart: `msecs_to_jiffies()`, in [`include/linux/jiffies.h`].
///
/// # Examples
///
/// ```
/// use kernel::time::msecs_to_jiffies;
///
/// assert_eq!(msecs_to_jiffies(0), 0);
/// // Rounded up: a timeout that is not zero never becomes zero.
/// assert_eq!(msecs_to_jiffies(1), 1);
/// ```
///
/// [`include/linux/jiffies.h`]: srctree/include/linux/jiffies.h
#[inline]
pub fn msecs_to_jiffies(msecs: Msecs) -> Jiffies {
    // SAFETY: It calculates, for any number.
    unsafe { bindings::__msecs_to_jiffies(msecs) }
}
