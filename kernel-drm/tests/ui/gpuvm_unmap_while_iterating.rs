// SPDX-License-Identifier: GPL-2.0

//! Mappings are not changed while somebody looks at them.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;
#[path = "common/page_table.rs"]
mod page_table;

use kernel::{drm::gpuvm::UniqueRefGpuVm, prelude::*};
use page_table::PageTable;

fn unmap_all(vm: &mut UniqueRefGpuVm<PageTable>) -> Result {
    for va in vm.iter() {
        vm.sm_unmap(va.addr(), va.length(), &mut None)?;
    }
    Ok(())
}

fn main() {}
