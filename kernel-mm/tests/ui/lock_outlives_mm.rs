// SPDX-License-Identifier: GPL-2.0

//! A lock is held no longer than the address space that it belongs to.

extern crate kernel_mm as kernel;

use kernel::{
    mm::{MmWithUser, MmapReadGuard},
    sync::aref::ARef,
};

fn lock(mm: ARef<MmWithUser>) -> MmapReadGuard<'static> {
    mm.mmap_read_lock()
}

fn given_up(mm: ARef<MmWithUser>) {
    let guard = mm.mmap_read_lock();
    drop(mm);
    drop(guard);
}

fn main() {}
