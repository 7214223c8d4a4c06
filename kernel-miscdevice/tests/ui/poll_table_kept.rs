// SPDX-License-Identifier: GPL-2.0

//! The table is that of one call.

extern crate kernel_miscdevice as kernel;

use kernel::{
    fs::File,
    miscdevice::{MiscDevice, MiscDeviceRegistration, PollEvents},
    prelude::*,
    sync::poll::PollTable,
};

struct Opened;

fn later(_: PollTable<'static>) {}

#[vtable]
impl MiscDevice for Opened {
    type Ptr = ();

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result {
        Ok(())
    }

    fn poll(_opened: (), _file: &File, table: PollTable<'_>) -> PollEvents {
        later(table);
        PollEvents::empty()
    }
}

fn main() {}
