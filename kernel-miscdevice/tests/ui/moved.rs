// SPDX-License-Identifier: GPL-2.0

//! C has the address of the registration, so it stays where it is.

extern crate kernel_miscdevice as kernel;

use kernel::{
    fs::File,
    miscdevice::{MiscDevice, MiscDeviceRegistration},
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

fn moved(
    mut door: Pin<KBox<MiscDeviceRegistration<Door>>>,
    other: MiscDeviceRegistration<Door>,
) -> MiscDeviceRegistration<Door> {
    core::mem::replace(&mut *door, other)
}

fn main() {}
