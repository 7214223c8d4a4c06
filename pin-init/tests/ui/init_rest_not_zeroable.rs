// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Only a `Zeroable` struct may leave the rest to zeroes.

use pin_init::{pin_data, pin_init};

#[pin_data]
struct Named {
    a: u8,
    name: &'static str,
}

fn main() {
    let _ = pin_init!(Named {
        a: 1,
        ..Zeroable::init_zeroed()
    });
}
