// SPDX-License-Identifier: GPL-2.0

//! The data may be dropped in another thread.

extern crate kernel_platform as kernel;

use kernel::{device::Core, platform, prelude::*};

struct Driver(*mut u8);

impl platform::Driver for Driver {
    type IdInfo = ();
    type Data<'bound> = Self;

    fn probe<'bound>(
        _pdev: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Ok(Driver(core::ptr::null_mut()))
    }
}

fn main() {}
