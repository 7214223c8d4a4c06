// SPDX-License-Identifier: GPL-2.0

//! What holds of polling.

use crate::{
    io::poll::{read_poll_timeout, read_poll_timeout_atomic},
    prelude::*,
    time::{delay::udelay, Delta, Instant, Monotonic},
};

#[crate::macros::kunit_tests(rust_io_poll)]
mod cases {
    use super::*;

    /// An operation that counts how often it is called.
    fn count(calls: &mut u32) -> Result<u32> {
        *calls += 1;
        Ok(*calls)
    }

    #[test]
    fn polling_returns_the_first_value_that_will_do() {
        let mut calls = 0;
        let found = read_poll_timeout(
            || count(&mut calls),
            |value| *value == 3,
            Delta::from_micros(20),
            Delta::from_secs(10),
        );
        assert_eq!(found, Ok(3));
        assert_eq!(calls, 3);

        let mut calls = 0;
        let found = read_poll_timeout_atomic(
            || count(&mut calls),
            |value| *value == 3,
            Delta::from_micros(1),
            3,
        );
        assert_eq!(found, Ok(3));
        assert_eq!(calls, 3);
    }

    #[test]
    fn polling_gives_up_and_not_too_early() {
        let mut calls = 0;
        let timeout = Delta::from_millis(20);
        let start = Instant::<Monotonic>::now();
        let found = read_poll_timeout(
            || count(&mut calls),
            |_| false,
            Delta::from_micros(100),
            timeout,
        );
        assert_eq!(found, Err(ETIMEDOUT));
        assert!(start.elapsed() >= timeout);
        assert!(calls >= 2);
    }

    #[test]
    fn polling_without_time_asks_once() {
        for timeout in [
            Delta::ZERO,
            Delta::from_secs(-1),
            Delta::from_nanos(i64::MIN),
        ] {
            for sleep in [Delta::ZERO, Delta::from_secs(3_600), Delta::from_secs(-1)] {
                let mut calls = 0;
                let found = read_poll_timeout(|| count(&mut calls), |_| false, sleep, timeout);
                assert_eq!(found, Err(ETIMEDOUT));
                assert_eq!(calls, 1);

                let found = read_poll_timeout(|| Ok(7), |_| true, sleep, timeout);
                assert_eq!(found, Ok(7));
            }
        }
    }

    #[test]
    fn a_device_that_was_ready_in_time_is_not_given_up_for_a_long_sleep() {
        // The device takes 2 ms. Whoever polls is away from before that until long after the timeout.
        let start = Instant::<Monotonic>::now();
        let ready = Delta::from_millis(2);
        let found = read_poll_timeout(
            || Ok(start.elapsed() >= ready),
            |ready| *ready,
            Delta::from_millis(30),
            Delta::from_millis(5),
        );
        assert_eq!(found, Ok(true));
    }

    #[test]
    fn the_value_before_the_end_of_a_slow_operation_is_not_the_last() {
        // The first call begins in time and ends too late, so there has to be another one.
        let mut calls = 0;
        let found = read_poll_timeout(
            || {
                calls += 1;
                if calls == 1 {
                    udelay(Delta::from_millis(60));
                }
                Ok(calls)
            },
            |calls| *calls > 1,
            Delta::ZERO,
            Delta::from_millis(50),
        );
        assert_eq!(found, Ok(2));
    }

    #[test]
    fn an_error_ends_it() {
        let mut calls = 0;
        let mut op = || {
            calls += 1;
            if calls == 2 {
                Err(EIO)
            } else {
                Ok(())
            }
        };
        let never = |(): &()| false;
        let found = read_poll_timeout(&mut op, never, Delta::ZERO, Delta::from_secs(10));
        assert_eq!(found, Err(EIO));
        assert_eq!(calls, 2);

        let mut calls = 0;
        let op = || {
            calls += 1;
            Err::<(), _>(ENODEV)
        };
        assert_eq!(
            read_poll_timeout_atomic(op, never, Delta::ZERO, 5),
            Err(ENODEV)
        );
        assert_eq!(calls, 1);
    }

    #[test]
    fn atomic_polling_asks_as_often_as_it_is_told() {
        for retry in [0, 1, 2, 17] {
            let mut calls = 0;
            let found = read_poll_timeout_atomic(
                || count(&mut calls),
                |_| false,
                Delta::from_nanos(100),
                retry,
            );
            assert_eq!(found, Err(ETIMEDOUT));
            assert_eq!(calls as usize, retry);
        }
    }

    #[test]
    fn atomic_polling_waits_in_between_and_not_after() {
        let delay = Delta::from_millis(2);
        let start = Instant::<Monotonic>::now();
        let found = read_poll_timeout_atomic(|| Ok(()), |()| false, delay, 1);
        assert_eq!(found, Err(ETIMEDOUT));
        let once = start.elapsed();

        let start = Instant::<Monotonic>::now();
        let found = read_poll_timeout_atomic(|| Ok(()), |()| false, delay, 4);
        assert_eq!(found, Err(ETIMEDOUT));
        // Three delays, of which a machine with a bad idea of its speed may make a little less.
        assert!(start.elapsed() > delay);
        assert!(start.elapsed() > once);
    }
}
