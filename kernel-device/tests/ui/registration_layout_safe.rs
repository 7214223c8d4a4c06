// SPDX-License-Identifier: GPL-2.0

//! Where the device core's structure lies is somebody's word: no driver can say it in safe code.

extern crate kernel_device as kernel;

use kernel::driver::DriverLayout;

struct Adapter;

impl DriverLayout for Adapter {
    type DriverType = u8;
    type DriverData<'bound> = ();
    const DEVICE_DRIVER_OFFSET: usize = 0x1000;
}

fn main() {}
