// SPDX-License-Identifier: GPL-2.0

//! How a timer works: by which clock, from when on, and in which context its callback runs.

use super::private::Sealed;
use crate::{
    bindings,
    time::{ClockSource, Delta, Instant},
};
use core::marker::PhantomData;

/// What a timer is started with: an instant, or a span from now on.
///
/// # Examples
///
/// ```
/// use kernel::time::{hrtimer::HrTimerExpires, Delta, Instant, Monotonic};
///
/// fn nanos(expires: impl HrTimerExpires) -> i64 {
///     expires.as_nanos()
/// }
///
/// assert_eq!(nanos(Delta::from_micros(3)), 3_000);
/// assert!(nanos(Instant::<Monotonic>::now()) > 0);
/// ```
pub trait HrTimerExpires {
    /// Returns the nanoseconds: of the span, or that the clock shows at the instant.
    fn as_nanos(&self) -> i64;
}

impl HrTimerExpires for Delta {
    #[inline]
    fn as_nanos(&self) -> i64 {
        Delta::as_nanos(*self)
    }
}

impl<C: ClockSource> HrTimerExpires for Instant<C> {
    #[inline]
    fn as_nanos(&self) -> i64 {
        self.ktime()
    }
}

/// How a timer works.
///
/// The types that implement this are named after what they choose:
///
/// - *Absolute* timers are started with an [`Instant`], and follow their clock when it is set.
///   *Relative* ones are started with a [`Delta`] from now on, and don't. The parameter of the type is
///   the clock.
/// - *Pinned* timers fire on the CPU that started them; others may be moved to one that is awake.
/// - *Soft* timers call back in a soft interrupt, during which other interrupts are handled; *hard*
///   ones in the hard interrupt of the clock, where nothing else is. Those that say neither are hard,
///   except on a realtime kernel (`CONFIG_PREEMPT_RT`), where they are soft. There, a callback in a
///   hard interrupt may not even take a spinlock.
///
/// C counterpart: [`enum hrtimer_mode`].
///
/// # Examples
///
/// ```
/// use kernel::time::{
///     hrtimer::{HrTimerExpires, HrTimerMode, RelativeMode},
///     Delta, Monotonic,
/// };
///
/// fn is_over<M: HrTimerMode>(expires: M::Expires) -> bool {
///     expires.as_nanos() <= 0
/// }
///
/// assert!(is_over::<RelativeMode<Monotonic>>(Delta::ZERO));
/// assert!(!is_over::<RelativeMode<Monotonic>>(Delta::from_nanos(1)));
/// ```
///
/// [`enum hrtimer_mode`]: srctree/include/linux/hrtimer.h
pub trait HrTimerMode: Sealed {
    /// The clock that the timer runs by.
    type Clock: ClockSource;

    /// What the timer is started with.
    type Expires: HrTimerExpires;

    /// What C calls the mode.
    const C_MODE: bindings::hrtimer_mode;
}

/// Returns how far the clock that a mode's instants are on is ahead of the one its timers run by.
///
/// Relative timers don't notice when their clock is set. To that end C runs those by the wall clock by
/// the monotonic one.
#[inline]
pub(super) fn lead<M: HrTimerMode>() -> bindings::ktime_t {
    let is_relative = M::C_MODE & bindings::hrtimer_mode_HRTIMER_MODE_REL != 0;
    if is_relative && M::Clock::ID == crate::time::RealTime::ID {
        // SAFETY: It may be called in any context, with this constant.
        unsafe { bindings::ktime_mono_to_any(0, bindings::tk_offsets_TK_OFFS_REAL) }
    } else {
        0
    }
}

/// Defines a mode, of timers that are started with `$expires`.
macro_rules! mode {
    ($(#[$doc:meta])* $name:ident<$clock:ident>, $expires:ty, $c_mode:ident) => {
        $(#[$doc])*
        pub struct $name<$clock: ClockSource>(PhantomData<$clock>);

        impl<$clock: ClockSource> Sealed for $name<$clock> {}

        impl<$clock: ClockSource> HrTimerMode for $name<$clock> {
            type Clock = $clock;
            type Expires = $expires;
            const C_MODE: bindings::hrtimer_mode = bindings::$c_mode;
        }
    };
}

mode! {
    /// Expires at an instant; any CPU, context as the kernel prefers.
    ///
    /// C counterpart: `HRTIMER_MODE_ABS`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{AbsoluteMode, HrTimerMode},
    ///     Delta, Instant, Monotonic,
    /// };
    ///
    /// type Expires = <AbsoluteMode<Monotonic> as HrTimerMode>::Expires;
    ///
    /// let now: Expires = Instant::now();
    /// let expires: Expires = now + Delta::from_millis(5);
    /// assert_eq!(expires - now, Delta::from_millis(5));
    /// ```
    AbsoluteMode<C>, Instant<C>, hrtimer_mode_HRTIMER_MODE_ABS
}

mode! {
    /// Expires a span from now on; any CPU, context as the kernel prefers.
    ///
    /// C counterpart: `HRTIMER_MODE_REL`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{HrTimerMode, RelativeMode},
    ///     Delta, Monotonic,
    /// };
    ///
    /// type Expires = <RelativeMode<Monotonic> as HrTimerMode>::Expires;
    ///
    /// let expires: Expires = Delta::from_millis(5);
    /// assert_eq!(expires.as_nanos(), 5_000_000);
    /// ```
    RelativeMode<C>, Delta, hrtimer_mode_HRTIMER_MODE_REL
}

mode! {
    /// Expires at an instant; on the CPU that started it, context as the kernel prefers.
    ///
    /// C counterpart: `HRTIMER_MODE_ABS_PINNED`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{AbsolutePinnedMode, HrTimerMode},
    ///     Delta, Instant, BootTime,
    /// };
    ///
    /// type Expires = <AbsolutePinnedMode<BootTime> as HrTimerMode>::Expires;
    ///
    /// let now: Expires = Instant::now();
    /// let expires: Expires = now + Delta::from_secs(1);
    /// assert_eq!(expires - now, Delta::from_secs(1));
    /// ```
    AbsolutePinnedMode<C>, Instant<C>, hrtimer_mode_HRTIMER_MODE_ABS_PINNED
}

mode! {
    /// Expires a span from now on; on the CPU that started it, context as the kernel prefers.
    ///
    /// C counterpart: `HRTIMER_MODE_REL_PINNED`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{HrTimerMode, RelativePinnedMode},
    ///     Delta, BootTime,
    /// };
    ///
    /// type Expires = <RelativePinnedMode<BootTime> as HrTimerMode>::Expires;
    ///
    /// let expires: Expires = Delta::from_secs(1);
    /// assert_eq!(expires.as_nanos(), 1_000_000_000);
    /// ```
    RelativePinnedMode<C>, Delta, hrtimer_mode_HRTIMER_MODE_REL_PINNED
}

mode! {
    /// Expires at an instant; any CPU, in a soft interrupt.
    ///
    /// C counterpart: `HRTIMER_MODE_ABS_SOFT`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{AbsoluteSoftMode, HrTimerMode},
    ///     Delta, Instant, RealTime,
    /// };
    ///
    /// type Expires = <AbsoluteSoftMode<RealTime> as HrTimerMode>::Expires;
    ///
    /// let now: Expires = Instant::now();
    /// let expires: Expires = now + Delta::from_secs(60);
    /// assert_eq!(expires - now, Delta::from_secs(60));
    /// ```
    AbsoluteSoftMode<C>, Instant<C>, hrtimer_mode_HRTIMER_MODE_ABS_SOFT
}

mode! {
    /// Expires a span from now on; any CPU, in a soft interrupt.
    ///
    /// C counterpart: `HRTIMER_MODE_REL_SOFT`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{HrTimerMode, RelativeSoftMode},
    ///     Delta, Monotonic,
    /// };
    ///
    /// type Expires = <RelativeSoftMode<Monotonic> as HrTimerMode>::Expires;
    ///
    /// let expires: Expires = Delta::from_secs(60);
    /// assert_eq!(expires.as_nanos(), 60_000_000_000);
    /// ```
    RelativeSoftMode<C>, Delta, hrtimer_mode_HRTIMER_MODE_REL_SOFT
}

mode! {
    /// Expires at an instant; on the CPU that started it, in a soft interrupt.
    ///
    /// C counterpart: `HRTIMER_MODE_ABS_PINNED_SOFT`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{AbsolutePinnedSoftMode, HrTimerMode},
    ///     Delta, Instant, Tai,
    /// };
    ///
    /// type Expires = <AbsolutePinnedSoftMode<Tai> as HrTimerMode>::Expires;
    ///
    /// let now: Expires = Instant::now();
    /// let expires: Expires = now + Delta::from_millis(20);
    /// assert_eq!(expires - now, Delta::from_millis(20));
    /// ```
    AbsolutePinnedSoftMode<C>, Instant<C>, hrtimer_mode_HRTIMER_MODE_ABS_PINNED_SOFT
}

mode! {
    /// Expires a span from now on; on the CPU that started it, in a soft interrupt.
    ///
    /// C counterpart: `HRTIMER_MODE_REL_PINNED_SOFT`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{HrTimerMode, RelativePinnedSoftMode},
    ///     Delta, Monotonic,
    /// };
    ///
    /// type Expires = <RelativePinnedSoftMode<Monotonic> as HrTimerMode>::Expires;
    ///
    /// let expires: Expires = Delta::from_millis(20);
    /// assert_eq!(expires.as_nanos(), 20_000_000);
    /// ```
    RelativePinnedSoftMode<C>, Delta, hrtimer_mode_HRTIMER_MODE_REL_PINNED_SOFT
}

mode! {
    /// Expires at an instant; any CPU, in a hard interrupt.
    ///
    /// C counterpart: `HRTIMER_MODE_ABS_HARD`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{AbsoluteHardMode, HrTimerMode},
    ///     Delta, Instant, Monotonic,
    /// };
    ///
    /// type Expires = <AbsoluteHardMode<Monotonic> as HrTimerMode>::Expires;
    ///
    /// let now: Expires = Instant::now();
    /// let expires: Expires = now + Delta::from_micros(10);
    /// assert_eq!(expires - now, Delta::from_micros(10));
    /// ```
    AbsoluteHardMode<C>, Instant<C>, hrtimer_mode_HRTIMER_MODE_ABS_HARD
}

mode! {
    /// Expires a span from now on; any CPU, in a hard interrupt.
    ///
    /// C counterpart: `HRTIMER_MODE_REL_HARD`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{HrTimerMode, RelativeHardMode},
    ///     Delta, Monotonic,
    /// };
    ///
    /// type Expires = <RelativeHardMode<Monotonic> as HrTimerMode>::Expires;
    ///
    /// let expires: Expires = Delta::from_micros(10);
    /// assert_eq!(expires.as_nanos(), 10_000);
    /// ```
    RelativeHardMode<C>, Delta, hrtimer_mode_HRTIMER_MODE_REL_HARD
}

mode! {
    /// Expires at an instant; on the CPU that started it, in a hard interrupt.
    ///
    /// C counterpart: `HRTIMER_MODE_ABS_PINNED_HARD`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{AbsolutePinnedHardMode, HrTimerMode},
    ///     Delta, Instant, BootTime,
    /// };
    ///
    /// type Expires = <AbsolutePinnedHardMode<BootTime> as HrTimerMode>::Expires;
    ///
    /// let now: Expires = Instant::now();
    /// let expires: Expires = now + Delta::from_nanos(250);
    /// assert_eq!(expires - now, Delta::from_nanos(250));
    /// ```
    AbsolutePinnedHardMode<C>, Instant<C>, hrtimer_mode_HRTIMER_MODE_ABS_PINNED_HARD
}

mode! {
    /// Expires a span from now on; on the CPU that started it, in a hard interrupt.
    ///
    /// C counterpart: `HRTIMER_MODE_REL_PINNED_HARD`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{
    ///     hrtimer::{HrTimerMode, RelativePinnedHardMode},
    ///     Delta, Monotonic,
    /// };
    ///
    /// type Expires = <RelativePinnedHardMode<Monotonic> as HrTimerMode>::Expires;
    ///
    /// let expires: Expires = Delta::from_nanos(250);
    /// assert_eq!(expires.as_nanos(), 250);
    /// ```
    RelativePinnedHardMode<C>, Delta, hrtimer_mode_HRTIMER_MODE_REL_PINNED_HARD
}
