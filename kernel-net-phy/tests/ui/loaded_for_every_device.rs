// SPDX-License-Identifier: GPL-2.0

//! A driver that looks by itself has no id to go into its module's table.

extern crate kernel_net_phy as kernel;

use kernel::{
    net::phy::{Device, DeviceId, Driver},
    prelude::*,
};

struct Chooser;

#[vtable]
impl Driver for Chooser {
    const NAME: &'static CStr = c"Chooser";

    fn match_phy_device(dev: &Device) -> bool {
        dev.phy_id() == 0
    }
}

const ID: DeviceId = DeviceId::new_with_driver::<Chooser>();

fn main() {
    let _ = ID;
}
