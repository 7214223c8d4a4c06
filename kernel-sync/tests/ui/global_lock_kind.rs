// SPDX-License-Identifier: GPL-2.0

// There are two kinds of global lock.

extern crate kernel_sync as kernel;

use kernel::sync::global_lock;

global_lock! {
    // SAFETY: Never used.
    unsafe(uninit) static NO_SUCH_KIND: Semaphore<u32> = 0;
}

global_lock! {
    // SAFETY: Never used.
    unsafe(uninit) static NOT_A_LOCK: Arc<u32> = 0;
}

fn main() {}
