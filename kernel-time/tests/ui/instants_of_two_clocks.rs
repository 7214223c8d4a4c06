// SPDX-License-Identifier: GPL-2.0

//! Instants of different clocks are neither compared nor subtracted.

extern crate kernel_time as kernel;

use kernel::time::{BootTime, Delta, Instant, Monotonic, RealTime};

fn age(now: Instant<Monotonic>, then: Instant<RealTime>) -> Delta {
    now - then
}

fn is_over(now: Instant<Monotonic>, deadline: Instant<BootTime>) -> bool {
    now >= deadline
}

fn main() {}
