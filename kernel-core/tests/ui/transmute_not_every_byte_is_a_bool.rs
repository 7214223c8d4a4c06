// SPDX-License-Identifier: GPL-2.0

//! Bytes are not taken for values, nor written to values, of types that have fewer.

extern crate kernel_core as kernel;

use kernel::transmute::{AsBytes, FromBytes};

fn main() {
    let bytes = [2_u8, 0, 0, 0];
    let _ = bool::from_bytes(&bytes[..1]);
    let _ = char::from_bytes(&bytes);
    let _ = <&u8>::from_bytes_copy(&bytes);
    let mut flag = true;
    flag.as_bytes_mut()[0] = 2;
}
