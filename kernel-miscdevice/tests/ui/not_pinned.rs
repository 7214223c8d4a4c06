// SPDX-License-Identifier: GPL-2.0

//! C has the address of the registration, so it is not made by value.

extern crate kernel_miscdevice as kernel;

use kernel::{
    fs::File,
    miscdevice::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
    prelude::*,
};

struct Door;

#[vtable]
impl MiscDevice for Door {
    type Ptr = ();

    fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result {
        Ok(())
    }
}

fn register() -> Result<KBox<MiscDeviceRegistration<Door>>> {
    let options = MiscDeviceOptions { name: c"door" };
    KBox::init(MiscDeviceRegistration::register(options), GFP_KERNEL)
}

fn main() {}
