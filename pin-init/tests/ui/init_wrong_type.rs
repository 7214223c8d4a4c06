// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Values and initializers have to be of the type of the field.

use pin_init::{init, pin_data, pin_init};

#[pin_data]
struct Pair {
    a: u8,
    b: u16,
}

fn main() {
    let _ = pin_init!(Pair { a: "a", b: 2 });
    let _ = pin_init!(Pair { a: 1, b <- "b" });
    let _ = init!(Pair { a: (), b <- 2_u32 });
}
