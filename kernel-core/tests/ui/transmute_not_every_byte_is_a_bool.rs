// SPDX-License-Identifier: GPL-2.0

//! Bytes are not taken for values, nor written to values, of types that have fewer.

extern crate kernel_core as kernel;

use core::{cell::Cell, num::NonZero};
use kernel::transmute::{AsBytes, FromBytes};

fn taken_for<T: FromBytes>() {}

fn main() {
    taken_for::<bool>();
    taken_for::<char>();
    taken_for::<&u8>();
    taken_for::<NonZero<u8>>();
    taken_for::<[Option<bool>; 4]>();
    taken_for::<Cell<u32>>();

    let mut flag = true;
    AsBytes::as_bytes_mut(&mut flag)[0] = 2;
}
