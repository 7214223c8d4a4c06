// SPDX-License-Identifier: GPL-2.0

//! That there is a client does not say that there is a driver.

extern crate kernel_i2c as kernel;

use kernel::{device::Bound, i2c::I2cClient};

fn bound(client: &I2cClient) -> &I2cClient<Bound> {
    client
}

fn main() {}
