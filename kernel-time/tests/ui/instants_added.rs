// SPDX-License-Identifier: GPL-2.0

//! Two points in time have a difference, but no sum; and a span is no point in time.

extern crate kernel_time as kernel;

use kernel::time::{Delta, Instant, Monotonic};

fn sum(a: Instant<Monotonic>, b: Instant<Monotonic>) -> Instant<Monotonic> {
    a + b
}

fn later(by: Delta) -> Instant<Monotonic> {
    by
}

fn main() {}
