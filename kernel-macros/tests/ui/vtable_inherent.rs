// SPDX-License-Identifier: GPL-2.0

//! There has to be a trait.

use kernel::prelude::*;

struct Driver;

#[vtable]
impl Driver {
    fn run(&self) {}
}

fn main() {}
