// SPDX-License-Identifier: Apache-2.0 OR MIT

//! The rest is zeroes or nothing.

use pin_init::{init, Zeroable};

#[derive(Default, Zeroable)]
struct Pair {
    a: u8,
    b: u16,
}

fn main() {
    let _ = init!(Pair {
        a: 1,
        ..Default::default()
    });
    let _ = init!(Pair {
        a: 1,
        ..pin_init::zeroed()
    });
}
