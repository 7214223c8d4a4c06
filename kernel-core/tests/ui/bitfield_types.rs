// SPDX-License-Identifier: GPL-2.0

//! A field has the type of its number of bits, or one that converts to it and from it.

extern crate kernel_core as kernel;

use kernel::{bitfield, num::Bounded, prelude::Zeroable};

bitfield! {
    struct Wrong(u32) {
        3:0 nibble => u8;
        5:4 two => bool;
    }
}

bitfield! {
    struct Right(u32) {
        7:0 byte => u8;
        11:8 nibble;
    }
}

fn main() {
    let right = Right::zeroed();
    right.with_nibble(5_u8);
    right.with_nibble(Bounded::<u32, 5>::new::<5>());
    right.with_byte(5_u16);
}
