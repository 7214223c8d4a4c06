// SPDX-License-Identifier: GPL-2.0

//! A lock is released by the thread that took it, and an area is locked for that thread.

extern crate kernel_mm as kernel;

use kernel::mm::{virt::VmaRef, MmapReadGuard, VmaReadGuard};

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<MmapReadGuard<'static>>();
    send::<VmaReadGuard<'static>>();
    sync::<VmaReadGuard<'static>>();
    send::<&VmaRef>();
}
