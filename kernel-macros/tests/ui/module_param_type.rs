// SPDX-License-Identifier: GPL-2.0

//! Not every type can be that of a parameter.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    license: "GPL",
    params: {
        name: &'static str {
            default: "eth0",
            description: "A name",
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
