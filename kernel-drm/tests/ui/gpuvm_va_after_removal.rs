// SPDX-License-Identifier: GPL-2.0

//! A mapping is not used after it was removed.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;
#[path = "common/page_table.rs"]
mod page_table;

use kernel::drm::gpuvm::OpUnmap;
use page_table::PageTable;

fn step(op: OpUnmap<'_, PageTable>) -> u64 {
    let va = op.va();
    let (_unmapped, _removed) = op.remove();
    va.addr()
}

fn main() {}
