// SPDX-License-Identifier: GPL-2.0

//! The authors are a list.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    author: "A. Author",
    license: "GPL",
}

struct Sample;

impl kernel::Module for Sample {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Sample)
    }
}

fn main() {}
