// SPDX-License-Identifier: GPL-2.0

//! Padding and interior mutability are for the author of a type to think of.

extern crate kernel_core as kernel;

use core::{cell::Cell, mem::MaybeUninit};
use kernel::transmute::AsBytes;

struct Padded {
    byte: u8,
    word: u32,
}

impl AsBytes for Padded {}

fn shown<T: AsBytes>(_: T) {}

fn main() {
    shown((1_u8, 2_u32));
    shown(Cell::new(1_u32));
    shown(MaybeUninit::<u8>::uninit());
    shown([None::<u8>; 2]);
}
