// SPDX-License-Identifier: GPL-2.0

//! The default has the type of the parameter.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    license: "GPL",
    params: {
        width: u8 {
            default: "8",
            description: "A width",
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
