// SPDX-License-Identifier: GPL-2.0

//! Padding and interior mutability are for the author of a type to think of.

extern crate kernel_core as kernel;

use core::cell::Cell;
use kernel::transmute::{AsBytes, FromBytes};

#[derive(Clone, Copy)]
struct Padded {
    byte: u8,
    word: u32,
}

impl AsBytes for Padded {}

fn main() {
    let _ = (&Padded { byte: 1, word: 2 }, 3_u32).as_bytes();
    let _ = Cell::new(1_u32).as_bytes();
    let _ = Cell::<u32>::from_bytes(&[0; 4]);
}
