// SPDX-License-Identifier: GPL-2.0

// A guard stays in the task that acquired the lock, whatever the values.

extern crate kernel_collections as kernel;

use kernel::{alloc::KBox, maple_tree::MapleGuard};

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<MapleGuard<'static, KBox<u32>>>();
    sync::<MapleGuard<'static, KBox<u32>>>();
}
