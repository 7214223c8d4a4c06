// SPDX-License-Identifier: Apache-2.0 OR MIT

//! A pinned field is not handed out as `&mut`, neither inside nor afterwards.

use std::{marker::PhantomPinned, mem, pin::Pin};

use pin_init::{pin_data, pin_init, PinInit};

#[pin_data]
struct Inner {
    #[pin]
    pin: PhantomPinned,
}

impl Inner {
    fn new() -> impl PinInit<Self> {
        pin_init!(Self { pin: PhantomPinned })
    }
}

#[pin_data]
struct Outer {
    #[pin]
    first: Inner,
    #[pin]
    second: Inner,
}

fn outer() -> impl PinInit<Outer> {
    pin_init!(Outer {
        first <- Inner::new(),
        second <- Inner::new(),
        _: {
            mem::swap::<Inner>(&mut *first, &mut *second);
        },
    })
}

fn afterwards(outer: Pin<&mut Outer>) {
    let outer = outer.project();
    mem::swap::<Inner>(outer.first.get_mut(), outer.second.get_mut());
}

fn main() {}
