// SPDX-License-Identifier: GPL-2.0

//! C would see half of the description.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    description: "one half\0the other",
    license: "GPL",
}

struct Sample;

impl kernel::Module for Sample {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Sample)
    }
}

fn main() {}
