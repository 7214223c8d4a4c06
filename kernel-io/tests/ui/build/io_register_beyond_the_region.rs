// SPDX-License-Identifier: GPL-2.0

//! A register that is not in the region can't be accessed, nor one that is only in part.

extern crate kernel_io as kernel;

use kernel::io::{register, Io, Mmio};

register! {
    LAST(u32) @ 0xc {}
}

fn read(region: &Mmio<0xf>) -> LAST {
    region.read(LAST)
}

fn write(region: &Mmio<0>) {
    region.write_reg(LAST::from_raw(1));
}

fn main() {
    let _: fn(&Mmio<0xf>) -> LAST = read;
    let _: fn(&Mmio<0>) = write;
}
