// SPDX-License-Identifier: GPL-2.0

//! Without the attribute nobody would know what the implementation provides.

use kernel::prelude::*;

#[vtable]
trait Operations {
    fn run(&self) {}
}

struct Driver;

impl Operations for Driver {
    fn run(&self) {}
}

fn main() {}
