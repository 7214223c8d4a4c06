// SPDX-License-Identifier: GPL-2.0

//! A closure runs in another task, so it takes along only what may go there.

extern crate kernel_workqueue as kernel;

use core::cell::Cell;
use kernel::{
    alloc::flags::GFP_KERNEL,
    sync::{Arc, Mutex},
    workqueue,
};

/// Shared, and not protected by anything.
fn cell(shared: Arc<Cell<u32>>) {
    let _ = workqueue::system().try_spawn(GFP_KERNEL, move || shared.set(1));
}

/// A lock that is held is given up by the task that took it.
fn guard(lock: &'static Mutex<u32>) {
    let guard = lock.lock();
    let _ = workqueue::system().try_spawn(GFP_KERNEL, move || drop(guard));
}

fn main() {}
