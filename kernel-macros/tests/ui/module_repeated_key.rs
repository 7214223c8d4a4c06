// SPDX-License-Identifier: GPL-2.0

//! Each key stands once.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    license: "GPL",
    name: "sample",
}

struct Sample;

impl kernel::Module for Sample {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Sample)
    }
}

fn main() {}
