// SPDX-License-Identifier: GPL-2.0

//! A register can't be accessed without saying which one.

extern crate kernel_io as kernel;

use kernel::io::{
    register,
    register::{Array, RegisterBase, WithBase},
    Io, Mmio,
};

struct Units;

register! {
    FIXED(u32) @ 0x0 {}
    WORDS(u32)[4] @ 0x4 {}
    OF_UNIT(u32) @ Units + 0x0 {}
    WORDS_OF_UNIT(u32)[4] @ Units + 0x4 {}
}

struct Unit;

impl RegisterBase<Units> for Unit {
    const BASE: usize = 0x20;
}

struct NoUnit;

fn access(region: &Mmio<0x40>) {
    // Which word?
    region.write_reg(WORDS::from_raw(1));
    // Of which unit?
    region.write_reg(OF_UNIT::from_raw(1));
    // Which word of the unit?
    region.read(WORDS_OF_UNIT::of::<Unit>());
    // There is one.
    region.read(OF_UNIT::of::<Unit>().at(0));
    // The words are those of units.
    region.read(WORDS_OF_UNIT::at(0));
    // Not a unit.
    region.read(OF_UNIT::of::<NoUnit>());
    // Not what is there.
    region.write(FIXED, WORDS::from_raw(1));
}

fn main() {}
