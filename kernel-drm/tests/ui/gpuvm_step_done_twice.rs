// SPDX-License-Identifier: GPL-2.0

//! A step is done once.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;
#[path = "common/page_table.rs"]
mod page_table;

use kernel::drm::gpuvm::{GpuVaAlloc, OpMap};
use page_table::PageTable;

fn step(op: OpMap<'_, PageTable>, [first, second]: [GpuVaAlloc<PageTable>; 2]) {
    let _ = op.insert(first, Ok(1));
    let _ = op.insert(second, Ok(2));
}

fn main() {}
