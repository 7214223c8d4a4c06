// SPDX-License-Identifier: GPL-2.0

// Whoever shares it has the value, and may drop it.

extern crate kernel_sync as kernel;

use core::cell::Cell;
use kernel::{revocable::Revocable, sync::MutexGuard};

fn sync<T: Sync>() {}
fn send<T: Send>() {}

fn main() {
    sync::<Revocable<u32>>();
    send::<Revocable<Cell<u32>>>();

    sync::<Revocable<Cell<u32>>>();
    sync::<Revocable<MutexGuard<'static, u32>>>();
    send::<Revocable<MutexGuard<'static, u32>>>();
}
