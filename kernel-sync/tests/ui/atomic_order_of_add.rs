// SPDX-License-Identifier: GPL-2.0

//! An operation that returns nothing orders nothing.

extern crate kernel_sync as kernel;

use kernel::sync::atomic::{Atomic, Full};

fn main() {
    let x = Atomic::<i32>::new(0);
    x.add(1, Full);
}
