// SPDX-License-Identifier: GPL-2.0

//! Any thread may unload the module.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    license: "GPL",
}

struct Sample(core::cell::Cell<u8>);

impl kernel::Module for Sample {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Sample(core::cell::Cell::new(0)))
    }
}

fn main() {}
