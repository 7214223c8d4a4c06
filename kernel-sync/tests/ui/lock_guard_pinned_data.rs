// SPDX-License-Identifier: GPL-2.0

// Data that must not move can't be moved through a guard.

extern crate kernel_sync as kernel;

use core::marker::PhantomPinned;
use kernel::sync::{GlobalGuard, GlobalLockBackend, Mutex};

fn replaced(lock: &Mutex<PhantomPinned>) {
    *lock.lock() = PhantomPinned;
}

fn replaced_in_global<B>(mut guard: GlobalGuard<B>)
where
    B: GlobalLockBackend<Item = PhantomPinned>,
{
    *guard = PhantomPinned;
}

fn main() {}
