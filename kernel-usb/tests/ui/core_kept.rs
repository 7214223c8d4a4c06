// SPDX-License-Identifier: GPL-2.0

//! The lock of an interface is held during a callback, and a driver must not keep what says so.

extern crate kernel_usb as kernel;

use kernel::{device::Core, prelude::*, usb};

kernel::usb_device_table!(
    TABLE,
    MODULE_TABLE,
    (),
    [(usb::DeviceId::from_id(0x1234, 0x5678), ())]
);

struct Keeper;

impl usb::Driver for Keeper {
    type IdInfo = ();
    type Data<'bound> = &'bound usb::Interface<Core<'bound>>;

    const ID_TABLE: usb::IdTable<()> = &TABLE;

    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        _id: &usb::DeviceId,
        _info: &'bound (),
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        Ok::<Self::Data<'bound>, Error>(interface)
    }

    fn disconnect<'bound>(
        _interface: &'bound usb::Interface<Core<'_>>,
        _data: Pin<&Self::Data<'bound>>,
    ) {
    }
}

fn main() {}
