// SPDX-License-Identifier: GPL-2.0

//! A step cannot be kept for later.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;
#[path = "common/page_table.rs"]
mod page_table;

use kernel::drm::gpuvm::OpUnmap;
use page_table::PageTable;

struct Later<'op>(Option<OpUnmap<'op, PageTable>>);

impl Later<'_> {
    fn step<'op>(&mut self, op: OpUnmap<'op, PageTable>) {
        self.0 = Some(op);
    }
}

fn main() {}
