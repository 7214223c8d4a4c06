// SPDX-License-Identifier: GPL-2.0

//! Spans, on the host: against integers so wide that nothing overflows.

use kernel_time::time::{Delta, NSEC_PER_MSEC, NSEC_PER_SEC, NSEC_PER_USEC};

/// Numbers at and around where something changes.
fn edges() -> Vec<i64> {
    let mut edges = vec![0];
    let corners = [
        1,
        7,
        NSEC_PER_USEC,
        NSEC_PER_MSEC,
        NSEC_PER_SEC,
        1 << 31,
        1 << 32,
        i64::MAX / NSEC_PER_SEC,
        i64::MAX / NSEC_PER_MSEC,
        i64::MAX / NSEC_PER_USEC,
        i64::MAX / 2,
        i64::MAX,
    ];
    for corner in corners {
        for near in -2..=2 {
            edges.extend([corner.saturating_add(near), (-corner).saturating_sub(near)]);
        }
    }
    edges.sort_unstable();
    edges.dedup();
    assert!(edges.contains(&i64::MIN) && edges.contains(&i64::MAX));
    edges
}

/// The nearest number there is.
fn nearest(wide: i128) -> i64 {
    wide.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

/// What `f` gives for each edge is what `expected` does, in as many digits as it takes.
fn each(f: impl Fn(i64) -> i64, expected: impl Fn(i128) -> i128) {
    for edge in edges() {
        assert_eq!(f(edge), nearest(expected(edge.into())), "{edge}");
    }
}

/// The same for each two of them.
fn each_two(f: impl Fn(i64, i64) -> i64, expected: impl Fn(i128, i128) -> i128) {
    for a in edges() {
        each(|b| f(a, b), |b| expected(a.into(), b));
    }
}

/// Division that does without numbers to divide by.
fn quotient(a: i128, b: i128) -> i128 {
    match b {
        0 => a.signum() * i128::from(u64::MAX),
        b => a / b,
    }
}

#[test]
fn from_units() {
    each(|n| Delta::from_nanos(n).as_nanos(), |n| n);
    each(|n| Delta::from_micros(n).as_nanos(), |n| n * 1_000);
    each(|n| Delta::from_millis(n).as_nanos(), |n| n * 1_000_000);
    each(|n| Delta::from_secs(n).as_nanos(), |n| n * 1_000_000_000);
}

#[test]
fn to_units() {
    each(
        |n| Delta::from_nanos(n).as_micros_ceil(),
        |n| n.div_euclid(1_000) + i128::from(n.rem_euclid(1_000) != 0),
    );
    each(|n| Delta::from_nanos(n).as_millis(), |n| n / 1_000_000);
}

#[test]
fn sums_and_differences() {
    let delta = Delta::from_nanos;
    each_two(|a, b| (delta(a) + delta(b)).as_nanos(), |a, b| a + b);
    each_two(|a, b| (delta(a) - delta(b)).as_nanos(), |a, b| a - b);
}

#[test]
fn products_and_quotients() {
    let delta = Delta::from_nanos;
    each_two(|a, b| (delta(a) * b).as_nanos(), |a, b| a * b);
    each_two(|a, b| delta(a) / delta(b), quotient);
}

#[test]
fn remainders() {
    for b in edges().into_iter().filter_map(|b| i32::try_from(b).ok()) {
        each(
            |a| Delta::from_nanos(a).rem_nanos(b).as_nanos(),
            |a| if b == 0 { a } else { a % i128::from(b) },
        );
    }
    let whole = Delta::from_nanos(i64::MIN);
    assert_eq!(whole.rem_nanos(i32::MIN), Delta::ZERO);
}

#[test]
fn assignments_are_the_operations() {
    for a in edges() {
        for b in edges() {
            let [left, right] = [a, b].map(Delta::from_nanos);
            let mut assigned = [left; 3];
            assigned[0] += right;
            assigned[1] -= right;
            assigned[2] *= b;
            assert_eq!(assigned, [left + right, left - right, left * b], "{a}, {b}");
        }
    }
}

#[test]
fn signs_and_order() {
    for a in edges() {
        let delta = Delta::from_nanos(a);
        assert_eq!(delta.is_zero(), a == 0);
        assert_eq!(delta.is_negative(), a < 0);
        for b in edges() {
            assert_eq!(delta.cmp(&Delta::from_nanos(b)), a.cmp(&b));
        }
    }
}
