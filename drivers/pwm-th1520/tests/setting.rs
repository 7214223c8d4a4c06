// SPDX-License-Identifier: GPL-2.0

//! Pulses and settings, on the host.

#[path = "../src/setting.rs"]
mod setting;

use setting::{Clock, Pulse, Setting};

/// Rates that are odd in one way or another, the slowest and the fastest among them.
const RATES: [u64; 9] = [
    1,
    2,
    32_768,
    1_000_000,
    24_000_000,
    125_829_120,
    333_333_333,
    999_999_999,
    1_000_000_000,
];

/// The longest period of C's.
const LONGEST: u64 = i64::MAX as u64;

fn clock(hz: u64) -> Clock {
    Clock::new(hz).expect("a rate that can be used")
}

fn pulse(period: u64, duty: u64, offset: u64) -> Pulse {
    Pulse {
        period,
        duty,
        offset,
    }
}

/// Numbers of all sizes that are the same in each run.
fn numbers() -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> (state % 64)
    })
}

/// Pulses as C passes them on: with a duty in the period, and an offset below it.
fn pulses(count: usize) -> impl Iterator<Item = Pulse> {
    let mut numbers = numbers();
    std::iter::repeat_with(move || {
        let mut next = || numbers.next().expect("there is no end");
        let period = next().clamp(1, LONGEST);
        let duty = next() % (period + 1);
        let offset = match next() % 3 {
            0 => 0,
            1 => (period - duty) % period,
            _ => next() % period,
        };
        pulse(period, duty, offset)
    })
    .take(count)
}

#[test]
fn rates_that_can_t_be_used_are_refused() {
    for hz in [0, 1_000_000_001, u64::MAX] {
        assert!(Clock::new(hz).is_none());
    }
}

#[test]
fn a_pulse_comes_first() {
    let (setting, up) = Setting::nearest(pulse(1_000, 250, 0), clock(1_000_000_000));
    assert_eq!((setting.period, setting.first), (1_000, 250));
    assert!(setting.high_first && !up);
}

#[test]
fn a_pulse_comes_last() {
    let (setting, up) = Setting::nearest(pulse(1_000, 750, 250), clock(1_000_000_000));
    assert_eq!((setting.period, setting.first), (1_000, 250));
    assert!(!setting.high_first && !up);
}

#[test]
fn a_pulse_in_the_middle_comes_first() {
    let (setting, up) = Setting::nearest(pulse(1_000, 250, 100), clock(1_000_000_000));
    assert_eq!((setting.period, setting.first), (1_000, 250));
    assert!(setting.high_first && !up);
}

#[test]
fn always_low_and_always_high_are_pulses() {
    let clock = clock(125_829_120);
    let (low, _) = Setting::nearest(pulse(1_000_000, 0, 0), clock);
    assert_eq!(low.first, 0);
    assert_eq!(low.pulse(clock).duty, 0);
    let (high, _) = Setting::nearest(pulse(1_000_000, 1_000_000, 0), clock);
    assert_eq!(high.first, high.period);
    assert_eq!(high.pulse(clock).duty, high.pulse(clock).period);
    // At the end of the period as well.
    assert_eq!(
        Setting::nearest(pulse(1_000_000, 1_000_000, 1), clock).0,
        high
    );
}

#[test]
fn no_pulse_is_off() {
    for hz in RATES {
        assert_eq!(
            Setting::nearest(Pulse::default(), clock(hz)),
            (Setting::OFF, false)
        );
        assert_eq!(Setting::OFF.pulse(clock(hz)), Pulse::default());
    }
}

#[test]
fn a_period_that_is_too_short_is_rounded_up() {
    let clock = clock(24_000_000);
    let (setting, up) = Setting::nearest(pulse(41, 41, 0), clock);
    assert!(up);
    assert_eq!((setting.period, setting.first), (1, 0));
    let (setting, up) = Setting::nearest(pulse(42, 42, 0), clock);
    assert!(!up);
    assert_eq!((setting.period, setting.first), (1, 1));
}

#[test]
fn the_longest_pulses_fill_the_registers() {
    for hz in RATES {
        let (setting, up) = Setting::nearest(pulse(LONGEST, LONGEST, 0), clock(hz));
        let expected = u128::from(LONGEST) * u128::from(hz) / 1_000_000_000;
        let expected = u32::try_from(expected).unwrap_or(u32::MAX);
        assert_eq!((setting.period, setting.first), (expected, expected));
        assert!(!up);
    }
}

/// By arithmetic that can't overflow.
#[test]
fn period_and_duty_are_the_longest_that_are_not_longer() {
    for hz in RATES {
        for asked in pulses(20_000) {
            let (setting, up) = Setting::nearest(asked, clock(hz));
            let cycles = |ns: u64| u128::from(ns) * u128::from(hz) / 1_000_000_000;
            let most = u128::from(u32::MAX);
            let period = cycles(asked.period).clamp(1, most);
            let high = cycles(asked.duty).min(period);
            let got_high = match setting.high_first {
                true => setting.first,
                false => setting.period - setting.first,
            };
            assert_eq!(u128::from(setting.period), period, "{asked:?} at {hz}");
            assert_eq!(u128::from(got_high), high, "{asked:?} at {hz}");

            let got = setting.pulse(clock(hz));
            assert!(got.duty <= asked.duty);
            assert_eq!(
                up,
                got.period > asked.period,
                "{asked:?} at {hz} gives {got:?}"
            );
            if got.offset > asked.offset {
                // It lasts to the end, as was asked for, and begins less than a cycle later.
                assert!(asked.offset >= asked.period - asked.duty);
                let longer = u128::from(got.offset - asked.offset);
                assert!(longer <= 1_000_000_000 / u128::from(hz) + 1);
            }
            // C wants it that way.
            assert!(got.duty <= got.period && (got.offset == 0 || got.offset < got.period));
        }
    }
}

#[test]
fn a_pulse_that_the_hardware_has_is_set_as_it_is() {
    for hz in RATES {
        for asked in pulses(20_000) {
            let (setting, _) = Setting::nearest(asked, clock(hz));
            let got = setting.pulse(clock(hz));
            assert_eq!(Setting::nearest(got, clock(hz)), (setting, false));
        }
    }
}

#[test]
fn whatever_the_registers_have_is_a_pulse() {
    let mut numbers = numbers().map(|number| number as u32);
    let mut next = || numbers.next().expect("there is no end");
    for hz in RATES {
        for _ in 0..20_000 {
            let setting = Setting::of_registers(next(), next(), next() % 2 == 0);
            let got = setting.pulse(clock(hz));
            assert!(setting.first <= setting.period);
            assert!(got.duty <= got.period && (got.offset == 0 || got.offset < got.period));
        }
    }
    assert_eq!(
        Setting::of_registers(0, 0, false).pulse(clock(1)),
        Pulse::default()
    );
    assert_eq!(Setting::of_registers(9, 0, true), Setting::OFF);
    assert_eq!(Setting::of_registers(0, 9, true), Setting::OFF);
}
