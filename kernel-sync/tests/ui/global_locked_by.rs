// SPDX-License-Identifier: GPL-2.0

// Only the guard of the right lock opens it, and only for as long as the guard lives.

extern crate kernel_sync as kernel;

use kernel::sync::{global_lock, GlobalGuard, GlobalLockedBy};

global_lock! {
    // SAFETY: Never used.
    unsafe(uninit) static RIGHT: Mutex<()> = ();
}

global_lock! {
    // SAFETY: Never used.
    unsafe(uninit) static WRONG: Mutex<()> = ();
}

fn other_lock<'a>(value: &'a GlobalLockedBy<u32, RIGHT>, guard: &'a GlobalGuard<WRONG>) -> &'a u32 {
    value.as_ref(guard)
}

fn outlives_guard(value: &GlobalLockedBy<u32, RIGHT>) -> &u32 {
    value.as_ref(&RIGHT.lock())
}

fn read_while_written(value: &GlobalLockedBy<u32, RIGHT>, mut guard: GlobalGuard<RIGHT>) {
    let write = value.as_mut(&mut guard);
    let read = value.as_ref(&guard);
    *write = *read;
}

fn written_by_reader(value: &GlobalLockedBy<u32, RIGHT>, guard: &GlobalGuard<RIGHT>) {
    *value.as_mut(guard) = 1;
}

fn main() {}
