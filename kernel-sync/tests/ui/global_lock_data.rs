// SPDX-License-Identifier: GPL-2.0

// Every task may reach the data of a global lock; and to initialise the lock is to promise something.

extern crate kernel_sync as kernel;

use kernel::sync::global_lock;

global_lock! {
    // SAFETY: Never used.
    unsafe(uninit) static NOT_SEND: Mutex<*mut u8> = core::ptr::null_mut();
}

global_lock! {
    // SAFETY: Never used.
    unsafe(uninit) static FINE: SpinLock<u32> = 0;
}

fn main() {
    FINE.init();
}
