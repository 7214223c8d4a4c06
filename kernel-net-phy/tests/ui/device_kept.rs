// SPDX-License-Identifier: GPL-2.0

//! A device is lent for a callback: afterwards the driver may be unbound, and the device gone.

extern crate kernel_net_phy as kernel;

use kernel::{
    net::phy::{Device, DeviceId, Driver},
    prelude::*,
};

struct Keeper;

fn keep(_dev: &'static mut Device) {}

#[vtable]
impl Driver for Keeper {
    const NAME: &'static CStr = c"Keeper";
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0x1234_5678);

    fn probe(dev: &mut Device) -> Result {
        keep(dev);
        Ok(())
    }
}

fn main() {}
