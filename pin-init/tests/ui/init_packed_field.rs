// SPDX-License-Identifier: Apache-2.0 OR MIT

//! An initializer needs an aligned place.

use pin_init::{init, Zeroable};

#[repr(C, packed)]
#[derive(Zeroable)]
struct Packed {
    a: u8,
    b: u32,
}

fn main() {
    let _ = init!(Packed { a: 1, b: 2 });
    let _ = init!(Packed { b <- 2, ..Zeroable::init_zeroed() });
    // This one is aligned.
    let _ = init!(Packed {
        a: 1,
        ..Zeroable::init_zeroed()
    });
}
