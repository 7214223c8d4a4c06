// SPDX-License-Identifier: GPL-2.0

//! C has a pointer into a registration, which therefore stays where it is.

extern crate kernel_io as kernel;

use core::pin::Pin;
use kernel::{
    alloc::KBox,
    irq::{Handler, Registration, ThreadedHandler, ThreadedRegistration},
};

fn moved<T: Handler>(irq: Pin<KBox<Registration<T>>>) -> KBox<Registration<T>> {
    Pin::into_inner(irq)
}

fn moved_threaded<T: ThreadedHandler>(
    irq: Pin<&mut ThreadedRegistration<T>>,
) -> &mut ThreadedRegistration<T> {
    irq.get_mut()
}

fn main() {}
