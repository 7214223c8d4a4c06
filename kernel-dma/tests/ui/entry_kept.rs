// SPDX-License-Identifier: GPL-2.0

//! A piece is gone when the table is.

extern crate kernel_dma as kernel;

use kernel::scatterlist::{Owned, SGEntry, SGTable};
use kernel::prelude::*;

type Table = Pin<KBox<SGTable<Owned<VVec<u8>>>>>;

fn keep(table: Table) -> Option<&'static SGEntry> {
    table.iter().next()
}

fn main() {}
