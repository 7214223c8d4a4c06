// SPDX-License-Identifier: GPL-2.0

//! Only the abstraction of a bus sets the driver's data, for it has to take them back.

extern crate kernel_device as kernel;

use kernel::{
    device::{Core, Device},
    prelude::*,
};

struct Data {
    channels: u32,
}

fn probe(dev: &Device<Core<'_>>) -> Result {
    dev.set_drvdata(try_init!(Data { channels: 4 }))
}

fn main() {}
