// SPDX-License-Identifier: GPL-2.0

//! Tests of instants, spans, delays and jiffies.
//!
//! What is pure arithmetic is tested on the host as well, against wider integers.

use super::*;
use crate::prelude::*;

#[kunit_tests(rust_time_delta)]
mod delta {
    use super::*;

    const MIN: Delta = Delta::from_nanos(i64::MIN);
    const MAX: Delta = Delta::from_nanos(i64::MAX);
    const ONE: Delta = Delta::from_nanos(1);

    #[test]
    fn units() {
        assert_eq!(Delta::from_micros(1).as_nanos(), NSEC_PER_USEC);
        assert_eq!(Delta::from_millis(1).as_nanos(), NSEC_PER_MSEC);
        assert_eq!(Delta::from_secs(1).as_nanos(), NSEC_PER_SEC);
        assert_eq!(Delta::from_millis(-3), Delta::from_micros(-3_000));
        assert_eq!(Delta::from_secs(0), Delta::ZERO);
    }

    #[test]
    fn units_saturate() {
        // The last value that fits, and the first that does not.
        let secs = i64::MAX / NSEC_PER_SEC;
        assert_eq!(Delta::from_secs(secs).as_nanos(), secs * NSEC_PER_SEC);
        assert_eq!(Delta::from_secs(secs + 1), MAX);
        assert_eq!(Delta::from_millis(i64::MAX), MAX);
        assert_eq!(Delta::from_micros(i64::MIN), MIN);
    }

    #[test]
    fn they_are_constants() {
        const TIMEOUT: Delta = Delta::from_secs(2);
        const NANOS: i64 = TIMEOUT.as_nanos();
        assert_eq!(NANOS, 2 * NSEC_PER_SEC);
    }

    #[test]
    fn signs() {
        assert!(Delta::ZERO.is_zero() && !Delta::ZERO.is_negative());
        assert!(!ONE.is_zero() && !ONE.is_negative());
        assert!(MIN.is_negative() && !MIN.is_zero());
        assert!(MIN < Delta::ZERO && Delta::ZERO < ONE && ONE < MAX);
    }

    #[test]
    fn sums_saturate() {
        assert_eq!(MAX + ONE, MAX);
        assert_eq!(MIN - ONE, MIN);
        assert_eq!(MIN + MAX, Delta::from_nanos(-1));
        assert_eq!(Delta::ZERO - MIN, MAX);
        let mut sum = MAX;
        sum += ONE;
        assert_eq!(sum, MAX);
        sum -= MAX;
        assert_eq!(sum, Delta::ZERO);
    }

    #[test]
    fn products_saturate() {
        assert_eq!(ONE * i64::MAX, MAX);
        assert_eq!(MAX * 2, MAX);
        assert_eq!(MAX * -2, MIN);
        assert_eq!(MIN * -1, MAX);
        let nothing = 0;
        assert_eq!(MIN * nothing, Delta::ZERO);
        let mut product = Delta::from_micros(-5);
        product *= -3;
        assert_eq!(product, Delta::from_micros(15));
    }

    #[test]
    fn quotients() {
        assert_eq!(Delta::from_secs(1) / Delta::from_millis(300), 3);
        assert_eq!(Delta::from_secs(-1) / Delta::from_millis(300), -3);
        assert_eq!(Delta::from_secs(1) / Delta::from_millis(-300), -3);
        assert_eq!(ONE / MAX, 0);
        let same = MIN;
        assert_eq!(MIN / same, 1);
        assert_eq!(MIN / ONE, i64::MIN);
        // The one quotient that does not fit.
        assert_eq!(MIN / Delta::from_nanos(-1), i64::MAX);
    }

    #[test]
    fn division_by_zero() {
        assert_eq!(ONE / Delta::ZERO, i64::MAX);
        assert_eq!(MIN / Delta::ZERO, i64::MIN);
        let nothing = Delta::from_secs(0);
        assert_eq!(nothing / Delta::ZERO, 0);
        assert_eq!(ONE.rem_nanos(0), ONE);
        assert_eq!(MIN.rem_nanos(0), MIN);
    }

    #[test]
    fn rounding_up_to_microseconds() {
        let micros = |nanos| Delta::from_nanos(nanos).as_micros_ceil();
        assert_eq!([micros(0), micros(1), micros(999)], [0, 1, 1]);
        assert_eq!([micros(1_000), micros(1_001)], [1, 2]);
        assert_eq!([micros(-1), micros(-999), micros(-1_000)], [0, 0, -1]);
        assert_eq!(micros(i64::MAX), i64::MAX / 1_000 + 1);
        assert_eq!(micros(i64::MIN), i64::MIN / 1_000);
    }

    #[test]
    fn whole_milliseconds() {
        let millis = |nanos| Delta::from_nanos(nanos).as_millis();
        assert_eq!([millis(0), millis(999_999), millis(1_000_000)], [0, 0, 1]);
        assert_eq!([millis(-999_999), millis(-1_000_000)], [0, -1]);
        assert_eq!(millis(i64::MAX), i64::MAX / NSEC_PER_MSEC);
        assert_eq!(millis(i64::MIN), i64::MIN / NSEC_PER_MSEC);
    }

    #[test]
    fn remainders() {
        let left = |nanos, dividend| Delta::from_nanos(nanos).rem_nanos(dividend).as_nanos();
        assert_eq!(
            [left(7, 3), left(-7, 3), left(7, -3), left(-7, -3)],
            [1, -1, 1, -1]
        );
        assert_eq!([left(i64::MAX, 1), left(i64::MIN, -1)], [0, 0]);
        assert_eq!(left(i64::MAX, i32::MAX), i64::MAX % i64::from(i32::MAX));
        assert_eq!(left(i64::MIN, i32::MIN), 0);
        assert_eq!(
            left(i64::from(i32::MIN) + 1, i32::MIN),
            i64::from(i32::MIN) + 1
        );
    }

    /// What 32-bit kernels divide by gives what 64-bit ones get.
    #[test]
    fn divisions_in_c_are_the_same() {
        let values = [
            i64::MIN,
            i64::MIN + 1,
            -1_000_000_007,
            -1,
            0,
            1,
            999,
            i64::MAX,
        ];
        for dividend in values {
            for divisor in [i64::MIN, -5_000_000_000, -7, 1, 2, 1_000, i64::MAX] {
                // SAFETY: It calculates; the divisor is neither 0 nor -1.
                let quotient = unsafe { bindings::div64_s64(dividend, divisor) };
                let [dividend, divisor] = [dividend, divisor].map(Delta::from_nanos);
                assert_eq!(quotient, dividend / divisor);
            }
            for divisor in [i32::MIN, -1_000, -2, 1, 3, i32::MAX] {
                let mut left = 0;
                // SAFETY: The divisor is neither 0 nor -1, and `left` can be written to.
                unsafe { bindings::div_s64_rem(dividend, divisor, &raw mut left) };
                let expected = Delta::from_nanos(dividend).rem_nanos(divisor);
                assert_eq!(i64::from(left), expected.as_nanos());
            }
        }
    }
}

#[kunit_tests(rust_time_instant)]
mod instant {
    use super::*;

    /// The first and the last instant of a clock.
    fn ends<C: ClockSource>() -> (Instant<C>, Instant<C>) {
        (Instant::from_ktime(0), Instant::from_ktime(i64::MAX))
    }

    /// Reads `C` twice, with a pause that `C` has to notice.
    fn advances<C: ClockSource>() {
        let start = Instant::<C>::now();
        delay::fsleep(Delta::from_millis(2));
        assert!(start.elapsed() >= Delta::from_millis(2));
        assert!(Instant::now() > start);
        assert!(start.ktime() > 0);
    }

    #[test]
    fn the_monotonic_clock_advances() {
        advances::<Monotonic>();
    }

    #[test]
    fn the_clock_since_boot_advances() {
        advances::<BootTime>();
    }

    #[test]
    fn the_wall_clock_advances() {
        advances::<RealTime>();
    }

    #[test]
    fn atomic_time_advances() {
        advances::<Tai>();
    }

    #[test]
    fn the_monotonic_clock_never_goes_back() {
        let mut last = Instant::<Monotonic>::now();
        for _ in 0..10_000 {
            let now = Instant::now();
            assert!(now >= last);
            last = now;
        }
    }

    #[test]
    fn clocks_relate_as_documented() {
        // Each reading comes later than what it is compared with.
        let monotonic = Monotonic::ktime_get();
        assert!(BootTime::ktime_get() >= monotonic);
        let real = RealTime::ktime_get();
        assert!(Tai::ktime_get() >= real);
    }

    #[test]
    fn numbers_of_clocks() {
        assert_eq!(RealTime::ID, 0);
        assert_eq!(Monotonic::ID, 1);
        assert_eq!(BootTime::ID, 7);
        assert_eq!(Tai::ID, 11);
    }

    #[test]
    fn sums_stay_between_the_ends() {
        let (first, last) = ends::<Monotonic>();
        let year = Delta::from_secs(365 * 24 * 60 * 60);
        let longest = Delta::from_nanos(i64::MAX);
        assert_eq!(last + year, last);
        assert_eq!(first - year, first);
        assert_eq!(first + longest, last);
        assert_eq!(last - longest, first);
        // The other way round, by a negative span; the longest of them is longer than all of time.
        let back = Delta::from_nanos(i64::MIN);
        assert_eq!(last + back, first);
        assert_eq!(first - back, last);
        assert_eq!(first + year - year, first);
    }

    #[test]
    fn differences_always_fit() {
        let (first, last) = ends::<RealTime>();
        assert_eq!((last - first).as_nanos(), i64::MAX);
        assert_eq!((first - last).as_nanos(), -i64::MAX);
        let same = last;
        assert!((last - same).is_zero());
    }

    #[test]
    fn negative_readings_are_no_instants() {
        let (first, _) = ends::<Tai>();
        assert_eq!(Instant::<Tai>::from_ktime(-1), first);
        assert_eq!(Instant::<Tai>::from_ktime(i64::MIN), first);
    }

    #[test]
    fn order() {
        let (first, last) = ends::<BootTime>();
        assert!(first < last);
        assert!(last > first);
        assert!(first != last);
        assert_eq!(first.max(last), last);
        // A copy, not a move.
        let copy = first;
        assert_eq!(copy, first);
    }

    #[test]
    fn elapsed_is_negative_before() {
        let (first, last) = ends::<Monotonic>();
        assert!(last.elapsed().is_negative());
        assert!(!first.elapsed().is_negative());
    }

    #[test]
    fn layout_is_that_of_ktime() {
        assert_eq!(
            size_of::<Instant<Monotonic>>(),
            size_of::<bindings::ktime_t>()
        );
        assert_eq!(
            align_of::<Instant<Monotonic>>(),
            align_of::<bindings::ktime_t>()
        );
    }
}

#[kunit_tests(rust_time_delay)]
mod delays {
    use super::{delay::*, *};

    /// Sleeps for `delta` and returns whether it took that long.
    fn sleeps(delta: Delta) -> bool {
        let start = Instant::<Monotonic>::now();
        fsleep(delta);
        start.elapsed() >= delta
    }

    #[test]
    fn sleeping_takes_as_long_as_asked() {
        assert!(sleeps(Delta::from_micros(11)));
        assert!(sleeps(Delta::from_micros(500)));
        assert!(sleeps(Delta::from_nanos(1_000_001)));
        assert!(sleeps(Delta::from_millis(20)));
    }

    #[test]
    fn nothing_is_not_slept_for() {
        let start = Instant::<Monotonic>::now();
        fsleep(Delta::ZERO);
        fsleep(Delta::from_secs(-1_000));
        fsleep(Delta::from_nanos(i64::MIN));
        udelay(Delta::ZERO);
        udelay(Delta::from_secs(-1_000));
        // As a number without a sign, each of them would have been years.
        assert!(start.elapsed() < Delta::from_secs(1_000));
    }

    /// A delay may be short where the speed of a CPU was measured badly, so this is generous.
    #[test]
    fn delays_take_time() {
        let start = Instant::<Monotonic>::now();
        for _ in 0..5 {
            udelay(Delta::from_micros(2_500));
        }
        assert!(start.elapsed() >= Delta::from_micros(125));
    }

    #[test]
    fn long_times_come_in_parts() -> Result {
        let parts = |delta, longest| {
            let mut all = KVec::new();
            for part in parts(delta, longest) {
                all.push(part, GFP_KERNEL)?;
            }
            Ok::<_, Error>(all)
        };
        assert_eq!(
            parts(Delta::from_micros(2_500), 1_000)?[..],
            [1_000, 1_000, 500]
        );
        assert_eq!(parts(Delta::from_micros(2_000), 1_000)?[..], [1_000, 1_000]);
        assert_eq!(parts(Delta::from_micros(1_000), 1_000)?[..], [1_000]);
        // Rounded up.
        assert_eq!(parts(Delta::from_nanos(1), 1_000)?[..], [1]);
        assert_eq!(parts(Delta::from_nanos(1_000_001), 1_000)?[..], [1_000, 1]);
        assert!(parts(Delta::ZERO, 1_000)?.is_empty());
        assert!(parts(Delta::from_nanos(i64::MIN), 1_000)?.is_empty());
        // Nothing is lost at the upper end.
        let longest = Delta::from_nanos(i64::MAX);
        let sum: i64 = delay::parts(longest, i32::MAX)
            .map(|part| part as i64)
            .sum();
        assert_eq!(sum, longest.as_micros_ceil());
        Ok(())
    }
}

#[kunit_tests(rust_time_jiffies)]
mod jiffies {
    use super::*;

    #[test]
    fn milliseconds_are_rounded_up() {
        assert_eq!(msecs_to_jiffies(0), 0);
        let second = msecs_to_jiffies(1_000);
        assert!(second >= 1);
        // A thousandth of it, but never nothing.
        assert_eq!(msecs_to_jiffies(1), second.div_ceil(1_000));
        assert_eq!(msecs_to_jiffies(999), (second * 999).div_ceil(1_000));
    }

    #[test]
    fn more_is_never_less() {
        let mut last = 0;
        for exponent in 0..31 {
            let now = msecs_to_jiffies(1 << exponent);
            assert!(now >= last);
            last = now;
        }
    }

    #[test]
    fn what_is_too_long_is_endless() {
        let endless = msecs_to_jiffies(Msecs::MAX);
        // Half of what is left when the sign is taken away, so that sums of two still compare.
        assert_eq!(endless, ((c_long::MAX >> 1) - 1) as Jiffies);
        assert_eq!(msecs_to_jiffies(i32::MAX as Msecs + 1), endless);
        assert!(msecs_to_jiffies(i32::MAX as Msecs) < endless);
    }
}
