// SPDX-License-Identifier: GPL-2.0

//! A constant that does not fit into its field does not build.

extern crate kernel_core as kernel;

use kernel::{bitfield, prelude::Zeroable};

bitfield! {
    struct Word(u16) {
        6:3 field;
    }
}

fn main() {
    let _ = Word::zeroed().with_const_field::<15>();
    let _ = Word::zeroed().with_const_field::<16>();
}
