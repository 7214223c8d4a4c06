// SPDX-License-Identifier: GPL-2.0

//! The lock of the device is held during `probe`, not for as long as the driver is bound.

extern crate kernel_pci as kernel;

use kernel::{
    device::Core,
    pci::{Device, DeviceId, Driver, IdTable, Vendor},
    prelude::*,
};

struct Keeper;

struct Kept<'bound>(&'bound Device<Core<'bound>>);

kernel::pci_device_table!(
    TABLE,
    MODULE,
    (),
    [(DeviceId::from_id(Vendor::REDHAT, 5), ())]
);

impl Driver for Keeper {
    type IdInfo = ();
    type Data<'bound> = Kept<'bound>;

    const ID_TABLE: IdTable<()> = &TABLE;

    fn probe<'bound>(
        _pdev: &'bound Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<Kept<'bound>, Error> + 'bound {
        Err::<Kept<'bound>, _>(ENODEV)
    }
}

fn main() {}
