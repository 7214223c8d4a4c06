// SPDX-License-Identifier: GPL-2.0

//! What does not fit into its bits of a command's number does not compile.

extern crate kernel_core as kernel;

use kernel::ioctl::{_IO, _IOR};

const TYPE: u32 = _IO(256, 0);
const NUMBER: u32 = _IO(0, 256);
const SIZE: u32 = _IOR::<[u8; 1 << 14]>(0, 0);

fn main() {
    let _ = (TYPE, NUMBER, SIZE);
}
