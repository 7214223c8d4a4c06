// SPDX-License-Identifier: GPL-2.0

//! C has the drivers for as long as they are registered, so they are static.

extern crate kernel_net_phy as kernel;

use kernel::{
    net::phy::{create_phy_driver, DeviceId, Driver, Registration},
    prelude::*,
    ThisModule,
};

struct Plain;

#[vtable]
impl Driver for Plain {
    const NAME: &'static CStr = c"Plain";
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0x1234_5678);
}

fn register(module: &'static ThisModule) -> Result<Registration> {
    let drivers = core::pin::pin!([create_phy_driver::<Plain>()]);
    Registration::register(module, drivers)
}

fn main() {}
