// SPDX-License-Identifier: GPL-2.0

//! The clocks that instants are read from.

use crate::bindings;

/// A clock of the kernel's.
///
/// | | begins at 0 | stands still in suspend | can be set |
/// | --- | --- | --- | --- |
/// | [`Monotonic`](super::Monotonic) | about when the system boots | yes | no |
/// | [`BootTime`](super::BootTime) | about when the system boots | no | no |
/// | [`RealTime`](super::RealTime) | in 1970, UTC | no | yes |
/// | [`Tai`](super::Tai) | in 1970, TAI | no | yes |
///
/// To measure how long something takes use a clock that can't be set.
///
/// # Safety
///
/// - `ktime_get` must return values from 0 to `i64::MAX`, in nanoseconds.
/// - `ID` must be the clock that `ktime_get` reads, and one that high-resolution timers run by:
///   `CLOCK_MONOTONIC`, `CLOCK_REALTIME`, `CLOCK_BOOTTIME` or `CLOCK_TAI`.
///
/// # Examples
///
/// ```
/// use kernel::time::{BootTime, ClockSource, Instant, Monotonic};
///
/// fn runs<C: ClockSource>() -> bool {
///     let first = Instant::<C>::now();
///     first <= Instant::now()
/// }
///
/// assert!(runs::<Monotonic>());
/// assert!(runs::<BootTime>());
/// ```
pub unsafe trait ClockSource {
    /// The number of the clock: one of C's `CLOCK_…`, from [`include/uapi/linux/time.h`].
    ///
    /// [`include/uapi/linux/time.h`]: srctree/include/uapi/linux/time.h
    const ID: bindings::clockid_t;

    /// Reads the clock.
    ///
    /// [`Instant::now`](super::Instant::now) does so and keeps the clock's type.
    fn ktime_get() -> bindings::ktime_t;
}

/// The clock that only ever goes forward, and stands still while the system is suspended.
///
/// The one to measure and to wait by. C counterpart: `CLOCK_MONOTONIC`, `ktime_get()`.
///
/// # Examples
///
/// ```
/// use kernel::time::{Instant, Monotonic};
///
/// let start = Instant::<Monotonic>::now();
/// assert!(!start.elapsed().is_negative());
/// ```
pub struct Monotonic;

// SAFETY: It counts from the boot on, and is the clock of this number.
unsafe impl ClockSource for Monotonic {
    const ID: bindings::clockid_t = number(bindings::CLOCK_MONOTONIC);

    #[inline]
    fn ktime_get() -> bindings::ktime_t {
        // SAFETY: It may be called in any context.
        unsafe { bindings::ktime_get() }
    }
}

/// [`Monotonic`], with the time spent in suspend.
///
/// C counterpart: `CLOCK_BOOTTIME`, `ktime_get_boottime()`.
///
/// # Examples
///
/// ```
/// use kernel::time::{BootTime, ClockSource, Monotonic};
///
/// let awake = Monotonic::ktime_get();
/// // What has been slept through is added.
/// assert!(BootTime::ktime_get() >= awake);
/// ```
pub struct BootTime;

// SAFETY: It counts from the boot on, and is the clock of this number.
unsafe impl ClockSource for BootTime {
    const ID: bindings::clockid_t = number(bindings::CLOCK_BOOTTIME);

    #[inline]
    fn ktime_get() -> bindings::ktime_t {
        with_offset(bindings::tk_offsets_TK_OFFS_BOOT)
    }
}

/// The wall clock: time since the beginning of 1970, UTC, without leap seconds.
///
/// It is set, forwards or backwards, by an administrator or from the network, and goes back at a
/// leap second. C counterpart: `CLOCK_REALTIME`, `ktime_get_real()`.
///
/// # Examples
///
/// ```
/// use kernel::time::{Instant, RealTime};
///
/// let stamp = Instant::<RealTime>::now();
/// // May be negative: the clock may have been set meanwhile.
/// let age = stamp.elapsed();
/// assert_eq!(age.as_millis() < 0, age.as_nanos() <= -1_000_000);
/// ```
pub struct RealTime;

// SAFETY: `timekeeping` does not let it be set to before 1970, and it is the clock of this number.
unsafe impl ClockSource for RealTime {
    const ID: bindings::clockid_t = number(bindings::CLOCK_REALTIME);

    #[inline]
    fn ktime_get() -> bindings::ktime_t {
        with_offset(bindings::tk_offsets_TK_OFFS_REAL)
    }
}

/// International atomic time: [`RealTime`] with the leap seconds.
///
/// As far as the system was told how many there were: until then the two are the same. C
/// counterpart: `CLOCK_TAI`, `ktime_get_clocktai()`.
///
/// # Examples
///
/// ```
/// use kernel::time::{Instant, Tai};
///
/// let stamp = Instant::<Tai>::now();
/// let later = stamp;
/// assert!((later - stamp).is_zero());
/// ```
pub struct Tai;

// SAFETY: It is `RealTime` with a number of seconds added, which is not negative; and it is the
// clock of this number.
unsafe impl ClockSource for Tai {
    const ID: bindings::clockid_t = number(bindings::CLOCK_TAI);

    #[inline]
    fn ktime_get() -> bindings::ktime_t {
        with_offset(bindings::tk_offsets_TK_OFFS_TAI)
    }
}

/// Returns the number of a clock, of which C has macros, as the type that C has for it.
const fn number(of: u32) -> bindings::clockid_t {
    of as bindings::clockid_t
}

/// Reads the monotonic clock and adds what another one is ahead of it.
#[inline]
fn with_offset(offset: bindings::tk_offsets) -> bindings::ktime_t {
    // SAFETY: It may be called in any context, with any of the three constants.
    unsafe { bindings::ktime_get_with_offset(offset) }
}
