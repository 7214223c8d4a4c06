// SPDX-License-Identifier: GPL-2.0

//! Without the attribute, nothing says which functions there are.

extern crate kernel_net_phy as kernel;

use kernel::{
    net::phy::{DeviceId, Driver},
    prelude::*,
};

struct Plain;

impl Driver for Plain {
    const NAME: &'static CStr = c"Plain";
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0x1234_5678);
}

fn main() {}
