// SPDX-License-Identifier: GPL-2.0

//! The attribute takes no arguments.

use kernel::prelude::*;

#[vtable(optional)]
trait Operations {
    fn run(&self) {}
}

fn main() {}
