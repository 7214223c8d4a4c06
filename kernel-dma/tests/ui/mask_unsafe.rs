// SPDX-License-Identifier: GPL-2.0

//! A mask must not change while memory is allocated.

extern crate kernel_dma as kernel;

use kernel::{
    dma::{Device, DmaMask},
    prelude::*,
};

fn setup<'a>(dev: &impl Device<'a>) -> Result {
    dev.dma_set_mask_and_coherent(DmaMask::new::<32>())
}

fn main() {}
