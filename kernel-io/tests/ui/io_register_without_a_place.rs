// SPDX-License-Identifier: GPL-2.0

//! A register is somewhere.

extern crate kernel_io as kernel;

use kernel::io::register;

register! {
    NOWHERE(u32) {}
}

fn main() {}
