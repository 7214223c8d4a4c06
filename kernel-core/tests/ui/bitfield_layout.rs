// SPDX-License-Identifier: GPL-2.0

//! Fields are distinct runs of bits of the word.

extern crate kernel_core as kernel;

use kernel::bitfield;

bitfield! {
    struct Overlap(u32) {
        15:8 first;
        8:4 second;
    }
}

bitfield! {
    struct Inside(u8) {
        7:0 all;
        3:3 one => bool;
    }
}

bitfield! {
    struct Beyond(u16) {
        16:16 carry;
    }
}

bitfield! {
    struct Reversed(u32) {
        0:3 backwards;
    }
}

fn main() {}
