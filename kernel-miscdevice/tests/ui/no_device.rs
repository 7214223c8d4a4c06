// SPDX-License-Identifier: GPL-2.0

//! A type without operations can't be a device.

extern crate kernel_miscdevice as kernel;

use kernel::miscdevice::{MiscDeviceOptions, MiscDeviceRegistration};

struct Nothing;

fn main() {
    let options = MiscDeviceOptions { name: c"nothing" };
    let _ = MiscDeviceRegistration::<Nothing>::register(options);
}
