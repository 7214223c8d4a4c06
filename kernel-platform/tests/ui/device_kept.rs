// SPDX-License-Identifier: GPL-2.0

//! The context of a callback ends with it.

extern crate kernel_platform as kernel;

use kernel::{device::Core, platform, prelude::*};

struct Driver {
    pdev: &'static platform::Device<Core<'static>>,
}

impl platform::Driver for Driver {
    type IdInfo = ();
    type Data<'bound> = Self;

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Ok(Driver { pdev })
    }
}

fn main() {}
