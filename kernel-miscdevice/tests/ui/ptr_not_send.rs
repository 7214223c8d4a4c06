// SPDX-License-Identifier: GPL-2.0

//! Any thread may be the last to use a file, and several may use it at once.

extern crate kernel_miscdevice as kernel;

use core::cell::Cell;
use kernel::{
    fs::File,
    miscdevice::{MiscDevice, MiscDeviceRegistration},
    prelude::*,
};

struct Counter(Cell<u32>);

#[vtable]
impl MiscDevice for Counter {
    type Ptr = KBox<Self>;

    fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result<KBox<Self>> {
        Ok(KBox::new(Counter(Cell::new(0)), GFP_KERNEL)?)
    }
}

struct Local(*mut u32);

#[vtable]
impl MiscDevice for Local {
    type Ptr = KBox<Self>;

    fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result<KBox<Self>> {
        Err(ENODEV)
    }
}

fn main() {}
