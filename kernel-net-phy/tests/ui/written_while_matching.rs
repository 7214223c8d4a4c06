// SPDX-License-Identifier: GPL-2.0

//! While a driver is looked for, another one may have the device.

extern crate kernel_net_phy as kernel;

use kernel::{
    net::phy::{reg::C22, Device, Driver},
    prelude::*,
};

struct Eager;

#[vtable]
impl Driver for Eager {
    const NAME: &'static CStr = c"Eager";

    fn match_phy_device(dev: &Device) -> bool {
        dev.write(C22::BMCR, 0).is_ok()
    }
}

fn main() {}
