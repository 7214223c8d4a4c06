// SPDX-License-Identifier: GPL-2.0

//! The mask is set in a callback, where nobody else comes in between.

extern crate kernel_platform as kernel;

use kernel::{
    device::Bound,
    dma::{Device, DmaMask},
    platform,
    prelude::*,
};

fn setup(pdev: &platform::Device<Bound>) -> Result {
    // SAFETY: Nobody allocates.
    unsafe { pdev.dma_set_mask(DmaMask::new::<32>()) }
}

fn main() {}
