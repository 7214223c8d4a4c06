// SPDX-License-Identifier: GPL-2.0

//! What a device drops at the end may not borrow from its driver's data, which go first.

extern crate kernel_device as kernel;

use kernel::{
    device::{Bound, Device},
    devres,
    prelude::*,
};

struct Data {
    channels: u32,
}

struct Callback<'a>(&'a Data);

fn register(dev: &Device<Bound>, data: &Data) -> Result {
    devres::register(dev, Callback(data), GFP_KERNEL)
}

fn main() {}
