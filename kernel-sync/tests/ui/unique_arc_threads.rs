// SPDX-License-Identifier: GPL-2.0

//! A unique owner goes to another thread under the same conditions as a shared one.

extern crate kernel_sync as kernel;

use core::cell::Cell;
use kernel::sync::UniqueArc;

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<UniqueArc<*mut u8>>();
    sync::<UniqueArc<Cell<u32>>>();
}
