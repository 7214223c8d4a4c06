// SPDX-License-Identifier: GPL-2.0

//! Each mode and each clock; expiry times, and moving them on.

use super::*;

/// Starts a timer with a span, and has it fire three times.
fn relative<M: HrTimerMode<Expires = Delta> + 'static>() -> Result {
    let ticker = Ticker::<M>::new(3)?;
    let first = Delta::from_millis(2);
    let start = Instant::<Monotonic>::now();
    let handle = ticker.clone().start(first);
    assert!(eventually(|| ticker.runs() == 3));
    assert!(start.elapsed() >= first + INTERVAL * 2);
    assert!(stays(&ticker.runs));
    drop(handle);
    assert_eq!(ticker.runs(), 3);
    Ok(())
}

/// Starts a timer with an instant, and has it fire three times.
fn absolute<M>() -> Result
where
    M: HrTimerMode<Expires = Instant<<M as HrTimerMode>::Clock>> + 'static,
{
    let ticker = Ticker::<M>::new(3)?;
    let first = Instant::now() + Delta::from_millis(2);
    let handle = ticker.clone().start(first);
    assert_eq!(ticker.timer.expires().max(first), ticker.timer.expires());
    assert!(eventually(|| ticker.runs() == 3));
    assert!(Instant::now() >= first + INTERVAL * 2);
    assert!(stays(&ticker.runs));
    drop(handle);
    assert_eq!(ticker.runs(), 3);
    Ok(())
}

/// A timer in a box, which its owner may move on before it is started.
#[pin_data]
struct Boxed<M: HrTimerMode> {
    #[pin]
    timer: HrTimer<Self>,
    mode: PhantomData<fn() -> M>,
}

impl_has_hr_timer! {
    impl{M: HrTimerMode} HasHrTimer<Self> for Boxed<M> {
        mode: M, field: self.timer,
    }
}

impl<M: HrTimerMode + 'static> HrTimerCallback for Boxed<M> {
    type Pointer<'a> = Pin<KBox<Self>>;

    fn run(_: Pin<&mut Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        HrTimerRestart::NoRestart
    }
}

fn boxed<M: HrTimerMode + 'static>() -> Result<Pin<KBox<Boxed<M>>>> {
    let boxed = pin_init!(Boxed { timer <- HrTimer::new(), mode: PhantomData });
    KBox::pin_init(boxed, GFP_KERNEL)
}

#[kunit_tests(rust_hrtimer_modes)]
mod cases {
    use super::*;

    #[test]
    fn relative_mode() -> Result {
        relative::<RelativeMode<Monotonic>>()
    }

    #[test]
    fn relative_pinned_mode() -> Result {
        relative::<RelativePinnedMode<Monotonic>>()
    }

    #[test]
    fn relative_soft_mode() -> Result {
        relative::<RelativeSoftMode<Monotonic>>()
    }

    #[test]
    fn relative_hard_mode() -> Result {
        relative::<RelativeHardMode<Monotonic>>()
    }

    #[test]
    fn relative_pinned_soft_mode() -> Result {
        relative::<RelativePinnedSoftMode<Monotonic>>()
    }

    #[test]
    fn relative_pinned_hard_mode() -> Result {
        relative::<RelativePinnedHardMode<Monotonic>>()
    }

    #[test]
    fn absolute_mode() -> Result {
        absolute::<AbsoluteMode<Monotonic>>()
    }

    #[test]
    fn absolute_pinned_mode() -> Result {
        absolute::<AbsolutePinnedMode<Monotonic>>()
    }

    #[test]
    fn absolute_soft_mode() -> Result {
        absolute::<AbsoluteSoftMode<Monotonic>>()
    }

    #[test]
    fn absolute_hard_mode() -> Result {
        absolute::<AbsoluteHardMode<Monotonic>>()
    }

    #[test]
    fn absolute_pinned_soft_mode() -> Result {
        absolute::<AbsolutePinnedSoftMode<Monotonic>>()
    }

    #[test]
    fn absolute_pinned_hard_mode() -> Result {
        absolute::<AbsolutePinnedHardMode<Monotonic>>()
    }

    #[test]
    fn by_the_clock_since_boot() -> Result {
        relative::<RelativeMode<BootTime>>()?;
        absolute::<AbsoluteMode<BootTime>>()
    }

    #[test]
    fn by_the_wall_clock() -> Result {
        relative::<RelativeMode<RealTime>>()?;
        absolute::<AbsoluteMode<RealTime>>()
    }

    #[test]
    fn by_atomic_time() -> Result {
        relative::<RelativeSoftMode<Tai>>()?;
        absolute::<AbsoluteSoftMode<Tai>>()
    }

    #[test]
    fn what_c_calls_them() {
        const REL: u32 = bindings::hrtimer_mode_HRTIMER_MODE_REL;
        const PINNED: u32 = bindings::hrtimer_mode_HRTIMER_MODE_PINNED;
        const SOFT: u32 = bindings::hrtimer_mode_HRTIMER_MODE_SOFT;
        const HARD: u32 = bindings::hrtimer_mode_HRTIMER_MODE_HARD;

        fn mode<M: HrTimerMode>() -> u32 {
            M::C_MODE
        }
        assert_eq!(mode::<AbsoluteMode<Tai>>(), 0);
        assert_eq!(mode::<AbsolutePinnedMode<Tai>>(), PINNED);
        assert_eq!(mode::<AbsoluteSoftMode<Tai>>(), SOFT);
        assert_eq!(mode::<AbsoluteHardMode<Tai>>(), HARD);
        assert_eq!(mode::<AbsolutePinnedSoftMode<Tai>>(), PINNED | SOFT);
        assert_eq!(mode::<AbsolutePinnedHardMode<Tai>>(), PINNED | HARD);
        assert_eq!(mode::<RelativeMode<Tai>>(), REL);
        assert_eq!(mode::<RelativePinnedMode<Tai>>(), REL | PINNED);
        assert_eq!(mode::<RelativeSoftMode<Tai>>(), REL | SOFT);
        assert_eq!(mode::<RelativeHardMode<Tai>>(), REL | HARD);
        assert_eq!(mode::<RelativePinnedSoftMode<Tai>>(), REL | PINNED | SOFT);
        assert_eq!(mode::<RelativePinnedHardMode<Tai>>(), REL | PINNED | HARD);
    }

    #[test]
    fn a_negative_span_is_over() -> Result {
        // C alone takes it for the end of time.
        let ticker = Ticker::<RelativeMode<Monotonic>>::new(1)?;
        let _handle = ticker.clone().start(Delta::from_nanos(i64::MIN));
        assert!(eventually(|| ticker.runs() == 1));
        Ok(())
    }

    #[test]
    fn an_instant_that_is_over() -> Result {
        let ticker = Ticker::<AbsoluteMode<Monotonic>>::new(1)?;
        let first = Instant::now() - Delta::from_nanos(i64::MAX);
        let _handle = ticker.clone().start(first);
        assert!(eventually(|| ticker.runs() == 1));
        Ok(())
    }

    #[test]
    fn the_longest_times_are_never() -> Result {
        let longest = Delta::from_nanos(i64::MAX);
        let relative = Ticker::<RelativeMode<Monotonic>>::new(1)?;
        let absolute = Ticker::<AbsoluteMode<Monotonic>>::new(1)?;
        let mut by_span = relative.clone().start(longest);
        let mut by_instant = absolute.clone().start(Instant::now() + longest);
        assert!(stays(&relative.runs));
        assert!(stays(&absolute.runs));
        assert!(by_span.cancel());
        assert!(by_instant.cancel());
        assert_eq!(relative.runs() + absolute.runs(), 0);
        Ok(())
    }

    #[test]
    fn expiry_time_of_an_instant() -> Result {
        let ticker = Ticker::<AbsoluteMode<Tai>>::new(1)?;
        assert_eq!(ticker.timer.expires(), Instant::from_ktime(0));
        let time = Instant::now() + NEVER;
        let handle = ticker.clone().start(time);
        assert_eq!(ticker.timer.expires(), time);
        drop(handle);
        assert_eq!(ticker.timer.expires(), time);
        Ok(())
    }

    /// Whether a span becomes an instant on the timer's clock.
    fn span_becomes_instant<M: HrTimerMode<Expires = Delta> + 'static>() -> Result {
        let ticker = Ticker::<M>::new(1)?;
        let before = Instant::now();
        let _handle = ticker.clone().start(NEVER);
        let expires = ticker.timer.expires();
        // Clocks are a little apart where the one is derived from the other.
        let slack = Delta::from_secs(1);
        assert!(expires + slack >= before + NEVER);
        assert!(expires <= Instant::now() + NEVER + slack);
        Ok(())
    }

    #[test]
    fn expiry_time_of_a_span() -> Result {
        span_becomes_instant::<RelativeMode<Monotonic>>()?;
        span_becomes_instant::<RelativeMode<BootTime>>()?;
        span_becomes_instant::<RelativeMode<Tai>>()
    }

    /// C runs these by the monotonic clock, but the instants here are on the wall clock.
    #[test]
    fn expiry_time_of_a_span_on_the_wall_clock() -> Result {
        span_becomes_instant::<RelativeMode<RealTime>>()?;
        span_becomes_instant::<RelativePinnedSoftMode<RealTime>>()
    }

    #[test]
    fn forward_on_the_wall_clock() -> Result {
        let mut boxed = boxed::<RelativeMode<RealTime>>()?;
        let hour = Delta::from_secs(3_600);
        // From the beginning of the clock that it runs by: as many hours as the system is up.
        assert!(boxed.as_mut().project().timer.forward_now(hour) >= 1);
        let expires = boxed.timer.expires();
        let now = Instant::now();
        assert!(expires + Delta::from_secs(1) > now);
        assert!(expires <= now + hour + Delta::from_secs(1));
        Ok(())
    }

    #[test]
    fn forward_counts_intervals() -> Result {
        let mut boxed = boxed::<AbsoluteMode<Monotonic>>()?;
        let start = boxed.timer.expires();
        let second = Delta::from_secs(1);
        let mut timer = boxed.as_mut().project().timer;
        // Up to an instant that is an expiry time itself: that one is over, too.
        assert_eq!(timer.as_mut().forward(start, second), 1);
        assert_eq!(timer.expires() - start, second);
        assert_eq!(timer.as_mut().forward(start + second * 5, second), 5);
        assert_eq!(timer.expires() - start, second * 6);
        assert_eq!(timer.as_mut().forward(start + second * 5, second), 0);
        assert_eq!(timer.expires() - start, second * 6);
        Ok(())
    }

    #[test]
    fn forward_by_nothing_is_by_the_resolution() -> Result {
        for interval in [0, -1, i64::MIN] {
            let mut boxed = boxed::<AbsoluteMode<Monotonic>>()?;
            let now = Instant::from_ktime(0) + Delta::from_secs(10);
            let timer = boxed.as_mut().project().timer;
            assert!(timer.forward(now, Delta::from_nanos(interval)) > 0);
            assert!(boxed.timer.expires() > now);
            // Even a kernel with ticks only has a resolution much better than that.
            assert!(boxed.timer.expires() - now <= Delta::from_secs(1));
        }
        Ok(())
    }

    #[test]
    fn forward_stops_at_the_end() -> Result {
        let mut boxed = boxed::<AbsoluteMode<Monotonic>>()?;
        let (first, last) = (Instant::from_ktime(0), Instant::from_ktime(i64::MAX));
        let longest = Delta::from_nanos(i64::MAX);
        let mut timer = boxed.as_mut().project().timer;
        assert_eq!(timer.as_mut().forward(first, longest), 1);
        assert_eq!(timer.expires(), last);
        assert_eq!(timer.as_mut().forward(last, longest), 1);
        assert_eq!(timer.expires(), last);
        Ok(())
    }

    #[test]
    fn late_callbacks_count_what_they_missed() -> Result {
        // Not the monotonic clock, which may have begun less than a second ago.
        let ticker = Ticker::<AbsoluteMode<RealTime>>::new(2)?;
        // Due for a second. Where the resolution is a tick, that is the least that an interval is.
        let first = Instant::now() - Delta::from_secs(1);
        let _handle = ticker.clone().start(first);
        assert!(eventually(|| ticker.runs() == 2));
        assert!(ticker.overruns.load(Relaxed) >= 20);
        Ok(())
    }
}
