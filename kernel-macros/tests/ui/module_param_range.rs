// SPDX-License-Identifier: GPL-2.0

//! The default fits the type of the parameter.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    license: "GPL",
    params: {
        speed: u8 {
            default: 256,
            description: "A speed",
        },
    },
}

struct Sample;

impl kernel::Module for Sample {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Sample)
    }
}

fn main() {}
