// SPDX-License-Identifier: GPL-2.0

// What is borrowed from an array is borrowed from its guard.

extern crate kernel_collections as kernel;

use kernel::{alloc::{flags::GFP_KERNEL, KBox}, xarray::{Guard, XArray}};

fn outlives_guard(array: &XArray<KBox<u32>>) -> Option<&u32> {
    array.lock().get(0)
}

fn after_drop(array: &XArray<KBox<u32>>) -> Option<u32> {
    let guard = array.lock();
    let value = guard.get(0);
    drop(guard);
    value.copied()
}

fn after_removal(guard: &mut Guard<'_, KBox<u32>>) -> Option<u32> {
    let value = guard.get(0);
    guard.remove(0);
    value.copied()
}

fn across_a_store(guard: &mut Guard<'_, KBox<u32>>, new: KBox<u32>) -> Option<u32> {
    // The lock may be given up on the way.
    let value = guard.get(0);
    let _ = guard.store(1, new, GFP_KERNEL);
    value.copied()
}

fn two_at_once(guard: &mut Guard<'_, KBox<u32>>) {
    let (a, b) = (guard.get_mut(0), guard.get_mut(0));
    assert!(a != b);
}

fn guard_outlives_array<'a>(array: XArray<KBox<u32>>) -> Guard<'a, KBox<u32>> {
    array.lock()
}

fn main() {}
