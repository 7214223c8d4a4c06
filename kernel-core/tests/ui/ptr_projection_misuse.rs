// SPDX-License-Identifier: GPL-2.0

//! A projection neither makes a pointer mutable, nor invents fields, nor hides its errors.

extern crate kernel_core as kernel;

use kernel::ptr::project;

struct Ring {
    head: u32,
    slots: [u8; 4],
}

fn made_mutable(ring: *const Ring) -> *mut u32 {
    project!(mut ring, .head)
}

fn stays_constant(ring: *mut Ring) -> *mut u32 {
    project!(ring, .head)
}

fn no_such_field(ring: *const Ring) -> *const u32 {
    project!(ring, .tail)
}

fn nowhere_to_return_an_error_to(ring: *const Ring, index: usize) -> *const u8 {
    project!(ring, .slots[try: index])
}

fn main() {}
