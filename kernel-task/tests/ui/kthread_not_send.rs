// SPDX-License-Identifier: GPL-2.0

//! A thread takes with it only what may go to another thread.

extern crate kernel_task as kernel;

use core::cell::Cell;
use kernel::{
    c_str,
    error::Result,
    kthread::Thread,
    sync::{Arc, Mutex},
};

/// Shared, and not protected by anything.
fn cell(shared: Arc<Cell<u32>>) -> Result<Thread> {
    Thread::spawn(c_str!("sets"), move |_| {
        shared.set(1);
        Ok(())
    })
}

/// A lock that is held goes back in the thread that took it.
fn guard(lock: &'static Mutex<u32>) -> Result<Thread> {
    let guard = lock.lock();
    Thread::spawn(c_str!("unlocks"), move |_| {
        drop(guard);
        Ok(())
    })
}

fn main() {}
