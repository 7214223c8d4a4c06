// SPDX-License-Identifier: GPL-2.0

//! Who shares an address space does not change mappings.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;
#[path = "common/page_table.rs"]
mod page_table;

use kernel::{drm::gpuvm::GpuVm, prelude::*, sync::aref::ARef};
use page_table::PageTable;

fn unmap(vm: ARef<GpuVm<PageTable>>) -> Result {
    vm.sm_unmap(0, 1, &mut None)
}

fn main() {}
