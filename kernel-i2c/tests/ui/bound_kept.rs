// SPDX-License-Identifier: GPL-2.0

//! A counted reference outlives the driver, so it can't say that there is one.

extern crate kernel_i2c as kernel;

use kernel::{device::Bound, i2c::I2cClient, sync::aref::ARef};

fn keep(client: &I2cClient<Bound>) -> ARef<I2cClient<Bound>> {
    client.into()
}

fn main() {}
