// SPDX-License-Identifier: GPL-2.0

//! What would be evaluated twice has to be a variable.

use kernel::prelude::*;

fn width() -> usize {
    8
}

fn main() {
    let _ = fmt!("{0:0$}", width());
}
