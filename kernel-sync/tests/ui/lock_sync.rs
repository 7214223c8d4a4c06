// SPDX-License-Identifier: GPL-2.0

// A lock lets every task in turn have its data, so the data must be fit to be sent.

extern crate kernel_sync as kernel;

use kernel::sync::{Mutex, SpinLock};

fn sync<T: Sync>() {}
fn send<T: Send>() {}

fn main() {
    sync::<Mutex<*mut u8>>();
    sync::<SpinLock<*mut u8>>();
    send::<Mutex<*mut u8>>();
}
