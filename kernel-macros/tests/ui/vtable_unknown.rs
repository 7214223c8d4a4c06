// SPDX-License-Identifier: GPL-2.0

//! What is not in the trait is reported where it stands.

use kernel::prelude::*;

#[vtable]
trait Operations {
    fn run(&self) {}
}

struct Driver;

#[vtable]
impl Operations for Driver {
    fn walk(&self) {}
}

fn main() {}
