// SPDX-License-Identifier: GPL-2.0

//! What gives the value up consumes the box.

extern crate kernel_core as kernel;

use kernel::{alloc::KBox, types::ForeignOwnable};

fn raw(boxed: KBox<u8>) -> u8 {
    let _raw = KBox::into_raw(boxed);
    *boxed
}

fn foreign(boxed: KBox<u8>) -> u8 {
    let _pointer = boxed.into_foreign();
    *boxed
}

fn main() {
    let _ = (raw, foreign);
}
