// SPDX-License-Identifier: GPL-2.0

//! The device must not be told of memory before it is shared.

extern crate kernel_dma as kernel;

use kernel::dma::{CoherentBox, DmaAddress};

fn tell(memory: &CoherentBox<u32>) -> DmaAddress {
    memory.dma_handle()
}

fn main() {}
