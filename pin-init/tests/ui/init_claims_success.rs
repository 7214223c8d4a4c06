// SPDX-License-Identifier: Apache-2.0 OR MIT

//! The code inside cannot claim that everything is initialized.

use pin_init::{init, pin_data, pin_init};

#[pin_data]
struct Pair {
    a: u8,
    b: u16,
}

fn main() {
    let _ = pin_init!(Pair {
        a: 1,
        _: { return Ok(()) },
        b: 2,
    });
    let _ = init!(Pair {
        _: { return Ok(pin_init::__internal::InitOk(())) },
        a: 1,
        b: 2,
    });
}
