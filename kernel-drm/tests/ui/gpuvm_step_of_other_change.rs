// SPDX-License-Identifier: GPL-2.0

//! What one step returns does not stand for another.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;
#[path = "common/page_table.rs"]
mod page_table;

use kernel::drm::gpuvm::{OpUnmap, OpUnmapped};
use page_table::PageTable;

fn steps<'a, 'b>(
    first: OpUnmap<'a, PageTable>,
    _second: OpUnmap<'b, PageTable>,
) -> OpUnmapped<'b, PageTable> {
    first.remove().0
}

fn main() {}
