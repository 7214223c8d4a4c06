// SPDX-License-Identifier: GPL-2.0

//! What is pinned cannot be moved out of its box, nor be borrowed mutably without its pin.

extern crate kernel_core as kernel;

use core::{marker::PhantomPinned, mem::swap, pin::Pin};
use kernel::alloc::KBox;

struct Stays(PhantomPinned);

fn moved(pinned: Pin<KBox<Stays>>) -> Stays {
    KBox::into_inner(Pin::into_inner(pinned))
}

fn swapped(mut a: Pin<KBox<Stays>>, mut b: Pin<KBox<Stays>>) {
    swap(&mut *a, &mut *b);
}

fn main() {
    let _ = (moved, swapped);
}
