// SPDX-License-Identifier: GPL-2.0

//! A width is a `usize`.

use kernel::prelude::*;

fn main() {
    let width = "wide";
    let _ = fmt!("{:width$}", 1);
    let _ = fmt!("{:1$}", 1, 2u8);
}
