// SPDX-License-Identifier: GPL-2.0

// Which guards may be shown to other tasks.

extern crate kernel_sync as kernel;

use core::{cell::Cell, marker::PhantomData};
use kernel::{
    revocable::RevocableGuard,
    sync::{global_lock, rcu, GlobalGuard, MutexGuard, SpinLockGuard},
};

global_lock! {
    // SAFETY: Never used.
    unsafe(uninit) static GLOBAL: Mutex<()> = ();
}

/// Like a guard: may be looked at by others, and must stay where it is.
struct SyncNotSend(PhantomData<*mut ()>);

// SAFETY: There is nothing in it.
unsafe impl Sync for SyncNotSend {}

fn sync<T: Sync>() {}

fn main() {
    // Fine.
    sync::<MutexGuard<'static, u32>>();

    sync::<MutexGuard<'static, Cell<u32>>>();
    // `lock_ref` would let the other task have `&mut SyncNotSend`.
    sync::<SpinLockGuard<'static, SyncNotSend>>();
    // `GlobalLockedBy::as_ref` would let two tasks have the same `&Cell`.
    sync::<GlobalGuard<GLOBAL>>();
    sync::<rcu::Guard>();
    sync::<RevocableGuard<'static, ()>>();
}
