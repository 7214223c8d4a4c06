// SPDX-License-Identifier: GPL-2.0

//! What may be done with an address space, or an area, is up to the stage it is in.

extern crate kernel_mm as kernel;

use kernel::{
    error::Result,
    mm::{virt::VmaRef, Mm},
    page::Page,
};

/// The mappings may be gone.
fn look_into(mm: &Mm) {
    mm.mmap_read_lock();
}

/// The area is in use: its flags are settled.
fn settled(vma: &VmaRef) -> Result {
    vma.try_clear_maywrite()
}

/// Nobody said that the area takes pages.
fn insert(vma: &VmaRef, page: &Page) -> Result {
    vma.vm_insert_page(vma.start(), page)
}

fn main() {}
