// SPDX-License-Identifier: GPL-2.0

// Waiting gives up the lock, so no reference to the data may live across it.

extern crate kernel_sync as kernel;

use kernel::sync::{CondVar, Mutex};

fn reference_across_wait(lock: &Mutex<u32>, changed: &CondVar) -> u32 {
    let mut guard = lock.lock();
    let data = &*guard;
    changed.wait(&mut guard);
    *data
}

fn without_the_lock(lock: &Mutex<u32>, changed: &CondVar) {
    changed.wait(lock);
}

fn shared_guard(lock: &Mutex<u32>, changed: &CondVar) {
    let guard = lock.lock();
    changed.wait(&guard);
}

fn main() {}
