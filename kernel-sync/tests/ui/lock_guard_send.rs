// SPDX-License-Identifier: GPL-2.0

// A guard stays in the task that acquired the lock, whatever the data.

extern crate kernel_sync as kernel;

use kernel::{
    revocable::RevocableGuard,
    sync::{global_lock, rcu, GlobalGuard, MutexGuard, SpinLockGuard},
};

global_lock! {
    // SAFETY: Never used.
    unsafe(uninit) static GLOBAL: Mutex<()> = ();
}

fn send<T: Send>() {}

fn main() {
    send::<MutexGuard<'static, ()>>();
    send::<SpinLockGuard<'static, ()>>();
    send::<GlobalGuard<GLOBAL>>();
    send::<rcu::Guard>();
    send::<RevocableGuard<'static, ()>>();
}
