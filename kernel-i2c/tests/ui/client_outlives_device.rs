// SPDX-License-Identifier: GPL-2.0

//! The client that a device is, is borrowed for as long as the device.

extern crate kernel_i2c as kernel;

use kernel::{device::Device, i2c::I2cClient, prelude::*, sync::aref::ARef};

fn client<'a>(dev: ARef<Device>) -> Result<&'a I2cClient> {
    <&'a I2cClient>::try_from(&*dev)
}

fn main() {}
