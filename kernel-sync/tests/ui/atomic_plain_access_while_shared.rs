// SPDX-License-Identifier: GPL-2.0

//! Plain access needs the variable for oneself.

extern crate kernel_sync as kernel;

use kernel::sync::atomic::{Atomic, AtomicFlag};

static COUNTER: Atomic<u32> = Atomic::new(0);

fn reset(counter: &Atomic<u32>, flag: &AtomicFlag) {
    *counter.get_mut() = 0;
    *flag.get_mut() = false;
}

fn main() {
    reset(&COUNTER, &AtomicFlag::new(true));
}
