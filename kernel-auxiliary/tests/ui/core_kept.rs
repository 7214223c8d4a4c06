// SPDX-License-Identifier: GPL-2.0

//! The lock of the device is held during `probe`, not for as long as the driver is bound.

extern crate kernel_auxiliary as kernel;

use kernel::{
    auxiliary::{Device, DeviceId, Driver, IdTable},
    device::Core,
    prelude::*,
};

struct Keeper;

struct Kept<'bound>(&'bound Device<Core<'bound>>);

kernel::auxiliary_device_table!(TABLE, MODULE, (), [(DeviceId::new(c"whole", c"part"), ())]);

impl Driver for Keeper {
    type IdInfo = ();
    type Data<'bound> = Kept<'bound>;

    const ID_TABLE: IdTable<()> = &TABLE;

    fn probe<'bound>(
        _adev: &'bound Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<Kept<'bound>, Error> + 'bound {
        Err::<Kept<'bound>, _>(ENODEV)
    }
}

fn main() {}
