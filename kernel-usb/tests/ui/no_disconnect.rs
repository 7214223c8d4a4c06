// SPDX-License-Identifier: GPL-2.0

//! A device can be unplugged at any time, so each driver says what it does then.

extern crate kernel_usb as kernel;

use kernel::{device::Core, prelude::*, usb};

kernel::usb_device_table!(
    TABLE,
    MODULE_TABLE,
    (),
    [(usb::DeviceId::from_id(0x1234, 0x5678), ())]
);

struct Lamp;

impl usb::Driver for Lamp {
    type IdInfo = ();
    type Data<'bound> = Self;

    const ID_TABLE: usb::IdTable<()> = &TABLE;

    fn probe<'bound>(
        _interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: &'bound (),
    ) -> impl PinInit<Self, Error> + 'bound {
        Ok(Self)
    }
}

fn main() {}
