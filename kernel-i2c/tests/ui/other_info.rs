// SPDX-License-Identifier: GPL-2.0

//! The table of a driver has the driver's information, and no other.

extern crate kernel_i2c as kernel;

use kernel::{device::Core, i2c, prelude::*};

kernel::i2c_device_table! {
    TABLE,
    MODULE_TABLE,
    u8,
    [(i2c::DeviceId::new(c"adc"), 4)]
}

struct Adc;

impl i2c::Driver for Adc {
    type IdInfo = u32;
    type Data<'bound> = Self;

    const I2C_ID_TABLE: Option<i2c::IdTable<Self::IdInfo>> = Some(&TABLE);

    fn probe<'bound>(
        _client: &'bound i2c::I2cClient<Core<'_>>,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Ok(Self)
    }
}

fn main() {}
