// SPDX-License-Identifier: GPL-2.0

//! The module is loaded for the devices in its table, so that it has one.

extern crate kernel_net_phy as kernel;

use kernel::{
    net::phy::{DeviceId, Driver},
    prelude::*,
};

struct Plain;

#[vtable]
impl Driver for Plain {
    const NAME: &'static CStr = c"Plain";
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0x1234_5678);
}

kernel::module_phy_driver! {
    drivers: [Plain],
    name: "plain_phy",
    license: "GPL",
}

fn main() {}
