// SPDX-License-Identifier: GPL-2.0

// Access ends with the critical section, and with the revocable.

extern crate kernel_sync as kernel;

use kernel::{
    revocable::{Revocable, RevocableGuard},
    sync::rcu,
};

fn outlives_guard(value: &Revocable<u32>) -> &u32 {
    &*value.try_access().unwrap()
}

fn outlives_section(value: &Revocable<u32>) -> Option<&u32> {
    value.try_access_with_guard(&rcu::read_lock())
}

fn after_section(value: &Revocable<u32>) -> Option<u32> {
    let guard = rcu::read_lock();
    let data = value.try_access_with_guard(&guard)?;
    guard.unlock();
    Some(*data)
}

fn out_of_closure(value: &Revocable<u32>) -> Option<&u32> {
    value.try_access_with(|data| data)
}

fn outlives_revocable<'a>(value: Revocable<u32>) -> Option<RevocableGuard<'a, u32>> {
    value.try_access()
}

fn written(value: &Revocable<u32>) {
    *value.try_access().unwrap() = 1;
}

fn main() {}
