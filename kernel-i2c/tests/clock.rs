// SPDX-License-Identifier: GPL-2.0

//! Moments, on the host, where this test is the clock.

extern crate kernel_i2c as kernel;

use std::ffi::c_long;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use kernel::i2c::{pause, Moment};

/// The clock, about to begin again at zero.
#[no_mangle]
static jiffies: AtomicUsize = AtomicUsize::new(usize::MAX - 1);

/// As C's, but for that no time passes.
#[no_mangle]
extern "C" fn schedule_timeout_uninterruptible(ticks: c_long) -> c_long {
    jiffies.fetch_add(ticks.unsigned_abs() as usize, Relaxed);
    0
}

#[test]
fn the_clock_may_begin_again() {
    let start = Moment::now();
    let copy = start;
    for ticks in 1..=u16::MAX {
        let before = start.elapsed();
        pause(ticks);
        assert_eq!(start.elapsed() - before, usize::from(ticks));
    }
    assert_eq!(start, copy);
    assert!(jiffies.load(Relaxed) < usize::MAX - 1);
}
