// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Errors inside have to convert to the one of the whole, which is `Infallible` unless stated.

use pin_init::{init, pin_data, pin_init};

#[pin_data]
struct Pair {
    a: u8,
    b: u16,
}

struct MyError;

fn main() {
    let _ = pin_init!(Pair {
        a: "1".parse()?,
        b: 2
    });
    let _ = init!(Pair { a <- Err(MyError), b: 2 });
    let _ = init!(Pair { a <- "1".parse::<u8>(), b: 2 }? MyError);
}
