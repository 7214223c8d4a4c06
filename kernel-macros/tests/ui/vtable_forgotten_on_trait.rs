// SPDX-License-Identifier: GPL-2.0

//! The trait has to have the attribute, too.

use kernel::prelude::*;

trait Operations {
    fn run(&self) {}
}

struct Driver;

#[vtable]
impl Operations for Driver {
    fn run(&self) {}
}

fn main() {}
