// SPDX-License-Identifier: GPL-2.0

//! A vector moves between threads, and is shared between them, only if its elements may.

extern crate kernel_core as kernel;

use core::cell::Cell;
use kernel::alloc::{KVVec, KVec, VVec};

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<KVec<Cell<u8>>>();
    sync::<KVec<Cell<u8>>>();
    send::<VVec<*const u8>>();
    sync::<KVVec<*const u8>>();
}
