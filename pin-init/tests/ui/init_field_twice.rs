// SPDX-License-Identifier: Apache-2.0 OR MIT

//! No field is initialized twice, whichever way, zeroed rest or not.

use pin_init::{init, pin_data, pin_init, Zeroable};

#[pin_data]
#[derive(Zeroable)]
struct Pair {
    a: u8,
    b: u16,
}

fn main() {
    let _ = pin_init!(Pair { a: 1, b: 2, a: 3 });
    let _ = init!(Pair { a: 1, a <- 2, b: 3 });
    let _ = pin_init!(Pair {
        a: 1,
        a: 2,
        ..Zeroable::init_zeroed()
    });
}
