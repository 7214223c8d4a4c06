// SPDX-License-Identifier: GPL-2.0

//! Only what C has operations for can be atomic.

extern crate kernel_sync as kernel;

use kernel::sync::atomic::Atomic;

fn main() {
    let _ = Atomic::<f32>::new(1.0);
    let _ = Atomic::<u8>::new(1);
    let _ = Atomic::<&u32>::new(&1);
}
