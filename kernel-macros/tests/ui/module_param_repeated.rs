// SPDX-License-Identifier: GPL-2.0

//! Each parameter stands once.

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
        speed: u8 {
            default: 2,
            description: "Another one",
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
