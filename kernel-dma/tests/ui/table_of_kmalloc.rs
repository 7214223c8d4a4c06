// SPDX-License-Identifier: GPL-2.0

//! Memory without page tables of its own has no pages to list.

extern crate kernel_dma as kernel;

use kernel::{
    device::{Bound, Device},
    dma::DataDirection,
    prelude::*,
    scatterlist::{Owned, SGTable},
};

fn map(dev: &Device<Bound>, data: KVec<u8>) -> Result<Pin<KBox<SGTable<Owned<KVec<u8>>>>>> {
    let table = SGTable::new(dev, data, DataDirection::ToDevice, GFP_KERNEL);
    KBox::pin_init(table, GFP_KERNEL)
}

fn main() {}
