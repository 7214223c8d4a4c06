// SPDX-License-Identifier: GPL-2.0

// Neither a guard nor what it gives outlives the lock being held.

extern crate kernel_sync as kernel;

use kernel::sync::{Mutex, MutexGuard};

fn guard_outlives_lock<'a>(lock: Mutex<u32>) -> MutexGuard<'a, u32> {
    lock.lock()
}

fn data_outlives_guard(lock: &Mutex<u32>) -> &u32 {
    &*lock.lock()
}

fn data_after_drop(lock: &Mutex<u32>) -> u32 {
    let guard = lock.lock();
    let data = &*guard;
    drop(guard);
    *data
}

fn lock_dropped_while_held(lock: Mutex<u32>) -> u32 {
    let guard = lock.lock();
    drop(lock);
    *guard
}

fn two_at_once(lock: &Mutex<u32>) {
    let mut guard = lock.lock();
    let (a, b) = (&mut *guard, &mut *guard);
    core::mem::swap(a, b);
}

fn main() {}
