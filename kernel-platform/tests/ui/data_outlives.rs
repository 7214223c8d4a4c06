// SPDX-License-Identifier: GPL-2.0

//! Data that borrow from the device can't be kept elsewhere.

extern crate kernel_platform as kernel;

use kernel::{device::{Bound, Core}, platform, prelude::*};

struct Driver;

impl platform::Driver for Driver {
    type IdInfo = ();
    type Data<'bound> = &'static platform::Device<Bound>;

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<&'static platform::Device<Bound>, Error> + 'bound {
        let bound: &platform::Device<Bound> = pdev;
        Ok(bound)
    }
}

fn main() {}
