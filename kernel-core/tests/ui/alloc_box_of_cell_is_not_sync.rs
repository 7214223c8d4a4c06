// SPDX-License-Identifier: GPL-2.0

//! A box is shared between threads only if its value may.

extern crate kernel_core as kernel;

use core::cell::Cell;
use kernel::alloc::KBox;

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<KBox<Cell<u8>>>();
    sync::<KBox<Cell<u8>>>();
}
