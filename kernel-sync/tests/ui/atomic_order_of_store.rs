// SPDX-License-Identifier: GPL-2.0

//! A store cannot acquire.

extern crate kernel_sync as kernel;

use kernel::sync::atomic::{Acquire, Atomic, Full};

fn main() {
    let x = Atomic::<i32>::new(0);
    x.store(1, Acquire);
    x.store(1, Full);
}
