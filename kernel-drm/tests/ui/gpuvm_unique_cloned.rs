// SPDX-License-Identifier: GPL-2.0

//! There is one reference that changes mappings.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;
#[path = "common/page_table.rs"]
mod page_table;

use kernel::drm::gpuvm::UniqueRefGpuVm;
use page_table::PageTable;

fn twice(vm: &UniqueRefGpuVm<PageTable>) -> UniqueRefGpuVm<PageTable> {
    vm.clone()
}

fn main() {}
