// SPDX-License-Identifier: GPL-2.0

//! Without a driver there is nobody to free the memory in time.

extern crate kernel_dma as kernel;

use kernel::{device::Device, dma::Coherent, prelude::*};

fn allocate(dev: &Device) -> Result<Coherent<u32>> {
    Coherent::zeroed(dev, GFP_KERNEL)
}

fn main() {}
