// SPDX-License-Identifier: GPL-2.0

//! There is nothing to format.

use kernel::prelude::*;

fn main() {
    let _ = fmt!();
}
