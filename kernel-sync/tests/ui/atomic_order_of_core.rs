// SPDX-License-Identifier: GPL-2.0

//! The orderings of another memory model are not taken.

extern crate kernel_sync as kernel;

use kernel::sync::atomic::Atomic;

fn main() {
    let x = Atomic::<i32>::new(0);
    x.xchg(1, core::sync::atomic::Ordering::SeqCst);
}
