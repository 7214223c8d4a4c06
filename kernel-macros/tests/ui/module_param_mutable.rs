// SPDX-License-Identifier: GPL-2.0

//! A parameter is read, not written.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    license: "GPL",
    params: {
        speed: u8 {
            default: 1,
            description: "A speed",
        },
    },
}

struct Sample;

impl kernel::Module for Sample {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        *module_parameters::speed.value() = 2;
        Ok(Sample)
    }
}

fn main() {}
