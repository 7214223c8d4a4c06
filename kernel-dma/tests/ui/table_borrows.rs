// SPDX-License-Identifier: GPL-2.0

//! Pages that are borrowed might be used while they are mapped.

extern crate kernel_dma as kernel;

use kernel::{
    alloc::allocator::VmallocPageIter,
    device::{Bound, Device},
    dma::DataDirection,
    page::AsPageIter,
    prelude::*,
    scatterlist::SGTable,
};

struct Pages<'a>(&'a mut VVec<u8>);

impl AsPageIter for Pages<'_> {
    type Iter<'b>
        = VmallocPageIter<'b>
    where
        Self: 'b;

    fn page_iter(&mut self) -> VmallocPageIter<'_> {
        self.0.page_iter()
    }
}

fn map(dev: &Device<Bound>, pages: &mut VVec<u8>) -> Result {
    let table = SGTable::new(dev, Pages(pages), DataDirection::FromDevice, GFP_KERNEL);
    let _table = KBox::pin_init(table, GFP_KERNEL)?;
    Ok(())
}

fn main() {}
