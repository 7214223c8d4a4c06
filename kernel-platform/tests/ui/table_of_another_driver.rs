// SPDX-License-Identifier: GPL-2.0

//! A table says of each device what the driver wants to know.

extern crate kernel_platform as kernel;

use kernel::{device::Core, of, platform, prelude::*};

kernel::of_device_table!(
    OF_TABLE,
    MODULE_OF_TABLE,
    u32,
    [(of::DeviceId::new(c"acme,thing"), 1)]
);

struct Driver;

impl platform::Driver for Driver {
    type IdInfo = ();
    type Data<'bound> = Self;
    const OF_ID_TABLE: Option<of::IdTable<()>> = Some(&OF_TABLE);

    fn probe<'bound>(
        _pdev: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Ok(Driver)
    }
}

fn main() {}
