// SPDX-License-Identifier: GPL-2.0

//! The registers of a unit that is not in the region can't be accessed, nor those that are nowhere.

extern crate kernel_io as kernel;

use kernel::io::{
    register,
    register::{RegisterBase, WithBase},
    Io, Mmio,
};

struct Units;

register! {
    WORD(u32) @ Units + 0x8 {}
}

struct Far;

impl RegisterBase<Units> for Far {
    const BASE: usize = 0x10;
}

struct Nowhere;

impl RegisterBase<Units> for Nowhere {
    const BASE: usize = usize::MAX - 7;
}

fn read<U: RegisterBase<Units>>(region: &Mmio<0x18>) -> WORD {
    region.read(WORD::of::<U>())
}

fn main() {
    let _: fn(&Mmio<0x18>) -> WORD = read::<Far>;
    let _: fn(&Mmio<0x18>) -> WORD = read::<Nowhere>;
}
