// SPDX-License-Identifier: GPL-2.0

//! The lock of a client is held during a callback, and a driver must not keep what says so.

extern crate kernel_i2c as kernel;

use kernel::{device::Core, i2c, prelude::*};

struct Keeper;

impl i2c::Driver for Keeper {
    type IdInfo = ();
    type Data<'bound> = &'bound i2c::I2cClient<Core<'bound>>;

    fn probe<'bound>(
        client: &'bound i2c::I2cClient<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        Ok::<Self::Data<'bound>, Error>(client)
    }
}

fn main() {}
