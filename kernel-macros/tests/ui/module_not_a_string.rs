// SPDX-License-Identifier: GPL-2.0

//! The license is a string.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    license: GPL,
}

struct Sample;

impl kernel::Module for Sample {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Sample)
    }
}

fn main() {}
