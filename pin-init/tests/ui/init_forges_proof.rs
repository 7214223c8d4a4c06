// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Nor can it make the proof without saying `unsafe`.

use pin_init::{init, pin_data, pin_init, __internal::InitOk};

#[pin_data]
struct Pair {
    a: u8,
    b: u16,
}

fn main() {
    let _ = init!(Pair {
        _: { return Ok(InitOk::new()) },
        a: 1,
        b: 2,
    });
    let _ = pin_init!(Pair {
        a: 1,
        b: {
            let data = <Pair as pin_init::__internal::HasPinData>::__pin_data();
            data.b(std::ptr::null_mut());
            2
        },
    });
}
