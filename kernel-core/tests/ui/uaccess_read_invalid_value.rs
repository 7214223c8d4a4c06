// SPDX-License-Identifier: GPL-2.0

//! User space decides about the bytes: only types for which any bytes are a value can be read.

extern crate kernel_core as kernel;

use kernel::{error::Result, uaccess::UserSliceReader};

fn read(reader: &mut UserSliceReader) -> Result<bool> {
    reader.read::<bool>()
}

fn main() {
    let _ = read;
}
