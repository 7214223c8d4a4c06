// SPDX-License-Identifier: GPL-2.0

//! The kernel has 56 bytes for the name, with its NUL.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample_with_a_name_that_is_longer_than_the_kernel_allows",
    license: "GPL",
}

struct Sample;

impl kernel::Module for Sample {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Sample)
    }
}

fn main() {}
