// SPDX-License-Identifier: GPL-2.0

//! A register is at a multiple of its size.

extern crate kernel_io as kernel;

use kernel::io::{register, Io, Mmio};

register! {
    CROOKED(u32) @ 0x6 {}
}

fn update(region: &Mmio<0x10>) {
    region.update(CROOKED, |word| word);
}

fn main() {
    let _: fn(&Mmio<0x10>) = update;
}
