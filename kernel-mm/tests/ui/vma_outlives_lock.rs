// SPDX-License-Identifier: GPL-2.0

//! An area is looked at while the lock is held, and not after.

extern crate kernel_mm as kernel;

use kernel::mm::{virt::VmaRef, MmWithUser};

fn mmap_lock(mm: &MmWithUser) -> usize {
    let guard = mm.mmap_read_lock();
    let vma = guard.vma_lookup(0);
    drop(guard);
    vma.map_or(0, VmaRef::start)
}

fn own_lock(mm: &MmWithUser) -> usize {
    let Some(guard) = mm.lock_vma_under_rcu(0) else {
        return 0;
    };
    let vma: &VmaRef = &guard;
    drop(guard);
    vma.start()
}

fn returned(mm: &MmWithUser) -> Option<&VmaRef> {
    mm.mmap_read_lock().vma_lookup(0)
}

fn main() {}
