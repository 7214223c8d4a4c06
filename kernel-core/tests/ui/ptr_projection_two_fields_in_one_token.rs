// SPDX-License-Identifier: GPL-2.0

//! The compiler reads `.0.1` as one token; the second field would not be checked for `Deref`.

extern crate kernel_core as kernel;

use kernel::{alloc::KBox, ptr::project};

fn hidden_deref(pair: *const (KBox<(u8, u32)>, u8)) -> *const u32 {
    project!(pair, .0.1)
}

fn harmless(pair: *const ((u8, u32), u8)) -> *const u32 {
    project!(pair, .0.1)
}

fn main() {}
