// SPDX-License-Identifier: GPL-2.0

//! An index says how it is checked.

extern crate kernel_core as kernel;

use kernel::ptr::project;

fn first(slots: *const [u8; 4]) -> *const u8 {
    project!(slots, [0])
}

fn main() {}
