// SPDX-License-Identifier: Apache-2.0 OR MIT

//! An initializer lives no longer than what it uses.

use pin_init::{pin_data, pin_init, stack_pin_init, PinInit};

#[pin_data]
struct Holder<'a> {
    value: &'a u8,
}

fn static_holder<'a>(value: &'a u8) -> impl PinInit<Holder<'static>> + 'a {
    pin_init!(Holder { value })
}

fn main() {
    let byte = 1;
    let init = {
        let inner = 2;
        let value = &inner;
        pin_init!(Holder { value })
    };
    stack_pin_init!(let holder = init);
    let _ = (holder, static_holder(&byte));
}
