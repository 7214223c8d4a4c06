// SPDX-License-Identifier: GPL-2.0

//! A structure has no functions to look for.

use kernel::prelude::*;

#[vtable]
struct Operations {
    run: fn(),
}

fn main() {}
