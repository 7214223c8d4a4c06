// SPDX-License-Identifier: GPL-2.0

//! A box moves between threads only if its value may.

extern crate kernel_core as kernel;

use core::marker::PhantomData;
use kernel::alloc::{KBox, KVBox, VBox};

/// Stays on its thread, as a count of references without atomics would.
struct Local(PhantomData<*const ()>);

fn send<T: Send>() {}

fn main() {
    send::<KBox<u8>>();
    send::<KBox<Local>>();
    send::<VBox<Local>>();
    send::<KVBox<dyn Fn()>>();
}
