// SPDX-License-Identifier: GPL-2.0

//! What is in the region does build. (This also makes the others be built, not just checked.)

extern crate kernel_io as kernel;

use kernel::io::{
    register,
    register::{RegisterBase, WithBase},
    Io, Mmio,
};

struct Units;

register! {
    LAST(u32) @ 0xc {}
    OF_UNIT(u16) @ Units + 0x6 {}
}

struct Unit;

impl RegisterBase<Units> for Unit {
    const BASE: usize = 8;
}

fn use_registers(region: &Mmio<0x10>) {
    region.write_reg(LAST::from_raw(1));
    region.update(OF_UNIT::of::<Unit>(), |word| word);
}

fn main() {
    // Generates the code, and does not run it: there is no device here.
    let _: fn(&Mmio<0x10>) = use_registers;
}
