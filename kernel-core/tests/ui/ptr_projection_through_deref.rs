// SPDX-License-Identifier: GPL-2.0

//! A projection does not run code that would look at the memory.

extern crate kernel_core as kernel;

use core::mem::ManuallyDrop;
use kernel::{alloc::KBox, ptr::project};

struct Pair {
    first: u32,
}

fn in_a_box(pair: *const KBox<Pair>) -> *const u32 {
    project!(pair, .first)
}

fn behind_a_reference(pair: *const &Pair) -> *const u32 {
    project!(pair, .first)
}

fn in_a_wrapper(pair: *mut ManuallyDrop<Pair>) -> *mut u32 {
    project!(mut pair, .first)
}

fn main() {}
