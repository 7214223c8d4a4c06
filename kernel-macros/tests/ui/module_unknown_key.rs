// SPDX-License-Identifier: GPL-2.0

//! Keys are checked.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    licence: "GPL",
}

struct Sample;

impl kernel::Module for Sample {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Sample)
    }
}

fn main() {}
