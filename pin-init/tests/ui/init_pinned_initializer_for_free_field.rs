// SPDX-License-Identifier: Apache-2.0 OR MIT

//! A field that may move does not take an initializer that relies on the opposite.

use pin_init::{init, pin_data, pin_init, PinInit};

#[pin_data]
struct Outer {
    inner: Inner,
}

#[pin_data]
struct Inner {
    #[pin]
    pin: std::marker::PhantomPinned,
}

fn inner() -> impl PinInit<Inner> {
    pin_init!(Inner {
        pin: std::marker::PhantomPinned
    })
}

fn main() {
    let _ = pin_init!(Outer { inner <- inner() });
    let _ = init!(Outer { inner <- inner() });
}
