// SPDX-License-Identifier: GPL-2.0

//! Flags, pointers and small numbers have no atomic sums.

extern crate kernel_sync as kernel;

use kernel::sync::atomic::{Atomic, Full};

fn main() {
    Atomic::new(true).fetch_add(true, Full);
    Atomic::<i8>::new(1).fetch_add(1i8, Full);
    Atomic::<*mut u8>::new(core::ptr::null_mut()).fetch_add(1isize, Full);
    Atomic::<u32>::new(1).fetch_add(1u64, Full);
}
