// SPDX-License-Identifier: GPL-2.0

//! Padding is uninitialised: writing it would tell user space what was there before.

extern crate kernel_core as kernel;

use kernel::{error::Result, uaccess::UserSliceWriter};

#[repr(C)]
struct Padded {
    small: u8,
    large: u32,
}

fn write(writer: &mut UserSliceWriter) -> Result {
    writer.write(&Padded { small: 1, large: 2 })
}

fn main() {
    let _ = write;
}
