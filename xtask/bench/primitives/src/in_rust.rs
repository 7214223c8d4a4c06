// SPDX-License-Identifier: GPL-2.0

//! The loops in Rust: what `in_c.c` does, with abstractions, under the names that the `kernel` crate of
//! Linux 7.2 and ours share.

use core::hint::black_box;

use kernel::prelude::*;
use kernel::sync::{global_lock, Arc};

mod collections;
mod deferred;
mod user;

/// What `pr_*` lines would begin with.
#[allow(dead_code)]
const __LOG_PREFIX: &[u8] = b"bench\0";

global_lock! {
    // SAFETY: `bench_rust_mutex` initialises it before the first use.
    unsafe(uninit) static MUTEX: Mutex<usize> = 0;
}

global_lock! {
    // SAFETY: `bench_rust_spinlock` initialises it before the first use.
    unsafe(uninit) static SPINLOCK: SpinLock<usize> = 0;
}

/// Adds one, in a way that the compiler can't leave out or merge.
fn count(value: &mut usize) {
    *value = black_box(*value + 1);
}

/// Locks and unlocks a `Mutex`.
#[no_mangle]
pub extern "C" fn bench_rust_mutex(rounds: usize) {
    // SAFETY: The harness calls this from one thread, and nothing else names the lock; it is not
    // held between calls.
    unsafe { MUTEX.init() };
    for _ in 0..rounds {
        count(&mut MUTEX.lock());
    }
}

/// Locks and unlocks a `SpinLock`.
#[no_mangle]
pub extern "C" fn bench_rust_spinlock(rounds: usize) {
    // SAFETY: As in `bench_rust_mutex`.
    unsafe { SPINLOCK.init() };
    for _ in 0..rounds {
        count(&mut SPINLOCK.lock());
    }
}

/// Clones and drops an `Arc`.
#[no_mangle]
pub extern "C" fn bench_rust_arc(rounds: usize) {
    let Ok(arc) = Arc::new(0usize, GFP_KERNEL) else {
        return;
    };
    for _ in 0..rounds {
        drop(black_box(arc.clone()));
    }
}

/// Makes and drops a `KBox`.
#[no_mangle]
pub extern "C" fn bench_rust_box(rounds: usize) {
    for round in 0..rounds {
        let Ok(value) = KBox::new(round, GFP_KERNEL) else {
            return;
        };
        drop(black_box(value));
    }
}
