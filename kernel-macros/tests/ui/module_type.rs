// SPDX-License-Identifier: GPL-2.0

//! The type has to be a module.

use kernel::prelude::*;

module! {
    type: Sample,
    name: "sample",
    license: "GPL",
}

struct Sample;

fn main() {}
