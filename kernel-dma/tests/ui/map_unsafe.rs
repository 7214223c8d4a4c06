// SPDX-License-Identifier: GPL-2.0

//! Hardware may access what is mapped.

extern crate kernel_dma as kernel;

use kernel::{
    iommu::pgtable::{prot, IoPageTable, ARM64LPAES1},
    prelude::*,
};

fn map(table: &IoPageTable<ARM64LPAES1>) -> Result {
    table.map_pages(0, 0, 4096, 1, prot::READ, GFP_KERNEL).1
}

fn main() {}
