// SPDX-License-Identifier: GPL-2.0

//! The registration may go while files are open.

extern crate kernel_miscdevice as kernel;

use kernel::{
    device::Device,
    fs::File,
    miscdevice::{MiscDevice, MiscDeviceRegistration},
    prelude::*,
};

struct Opened {
    device: &'static Device,
}

#[vtable]
impl MiscDevice for Opened {
    type Ptr = KBox<Self>;

    fn open(_file: &File, misc: &MiscDeviceRegistration<Self>) -> Result<KBox<Self>> {
        let device = misc.device();
        Ok(KBox::new(Opened { device }, GFP_KERNEL)?)
    }
}

fn main() {}
