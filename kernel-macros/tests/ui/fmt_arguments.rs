// SPDX-License-Identifier: GPL-2.0

//! The compiler counts the arguments, as ever.

use kernel::prelude::*;

fn main() {
    let _ = fmt!("{} {}", 1);
    let _ = fmt!("{}", 1, 2);
    let _ = fmt!("{");
    let _ = fmt!(1);
}
