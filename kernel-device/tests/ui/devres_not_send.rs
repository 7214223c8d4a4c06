// SPDX-License-Identifier: GPL-2.0

//! The device drops a resource in whatever task unbinds the driver.

extern crate kernel_device as kernel;

use kernel::{
    device::{Bound, Device},
    devres,
    prelude::*,
};

struct OfThisTask(*mut u32);

fn register(dev: &Device<Bound>, value: OfThisTask) -> Result {
    devres::register(dev, value, GFP_KERNEL)
}

fn main() {}
