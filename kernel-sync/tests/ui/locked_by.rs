// SPDX-License-Identifier: GPL-2.0

// The owner's data opens it, for as long as that is borrowed.

extern crate kernel_sync as kernel;

use core::cell::Cell;
use kernel::sync::{LockedBy, Mutex};

struct Owner(u32);

fn other_type(value: &LockedBy<u32, Owner>, lock: &Mutex<u32>) -> u32 {
    *value.access(&lock.lock())
}

fn outlives_guard<'a>(value: &'a LockedBy<u32, Owner>, lock: &'a Mutex<Owner>) -> &'a u32 {
    value.access(&lock.lock())
}

fn shared_but_not_sync(value: &LockedBy<Cell<u32>, Owner>, lock: &Mutex<Owner>) {
    value.access(&lock.lock()).set(1);
}

fn read_while_written(value: &LockedBy<u32, Owner>, lock: &Mutex<Owner>) {
    let mut owner = lock.lock();
    let write = value.access_mut(&mut owner);
    *write = *value.access(&owner);
}

fn sent<T: Send>() {}

fn main() {
    sent::<LockedBy<*mut u8, Owner>>();
}
