// SPDX-License-Identifier: GPL-2.0

//! What there is would not be known.

extern crate kernel_miscdevice as kernel;

use kernel::{
    fs::File,
    miscdevice::{MiscDevice, MiscDeviceRegistration},
    prelude::*,
};

struct Door;

impl MiscDevice for Door {
    type Ptr = ();

    fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result {
        Ok(())
    }
}

fn main() {}
