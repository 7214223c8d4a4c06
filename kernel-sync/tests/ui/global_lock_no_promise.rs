// SPDX-License-Identifier: GPL-2.0

// Whoever declares a global lock promises to initialise it.

extern crate kernel_sync as kernel;

use kernel::sync::global_lock;

global_lock! {
    static NO_PROMISE: Mutex<u32> = 0;
}

fn main() {}
