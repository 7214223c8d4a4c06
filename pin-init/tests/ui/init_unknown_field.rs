// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Fields have to exist.

use pin_init::{init, pin_data, pin_init};

#[pin_data]
struct Pair {
    a: u8,
    b: u16,
}

fn main() {
    let _ = pin_init!(Pair { a: 1, b: 2, c: 3 });
    let _ = init!(Pair { a: 1, b: 2, c: 3 });
}
