// SPDX-License-Identifier: GPL-2.0

// What C knows by its address is pinned.

extern crate kernel_sync as kernel;

use kernel::{
    prelude::*,
    revocable::Revocable,
    sync::{new_mutex, poll::PollCondVar, Completion, CondVar, LockClassKey, Mutex, SpinLock},
};

fn unpin<T: Unpin>() {}

fn not_a_value() -> Mutex<u32> {
    new_mutex!(5)
}

fn taken_out(mutex: Pin<KBox<Mutex<u32>>>) -> Mutex<u32> {
    *mutex
}

fn replaced(mut mutex: Pin<KBox<Mutex<u32>>>, other: Mutex<u32>) {
    *mutex = other;
}

fn main() {
    unpin::<Mutex<u32>>();
    unpin::<SpinLock<u32>>();
    unpin::<CondVar>();
    unpin::<PollCondVar>();
    unpin::<Completion>();
    unpin::<LockClassKey>();
    unpin::<Revocable<u32>>();
}
