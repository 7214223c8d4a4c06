// SPDX-License-Identifier: GPL-2.0

//! The name becomes part of symbols and of parameters' names.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample.one",
    license: "GPL",
}

struct Sample;

impl kernel::Module for Sample {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Sample)
    }
}

fn main() {}
