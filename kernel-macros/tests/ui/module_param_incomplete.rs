// SPDX-License-Identifier: GPL-2.0

//! A parameter has a default and a description.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    license: "GPL",
    params: {
        speed: u8 {
            default: 1,
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
