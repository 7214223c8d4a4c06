// SPDX-License-Identifier: GPL-2.0

//! A zero byte in a path would begin another entry.

extern crate kernel_device as kernel;

use kernel::firmware::ModInfoBuilder;

const LENGTH: usize = ModInfoBuilder::new(c"acme")
    .new_entry()
    .push("acme\0license=GPL")
    .build_length();

fn main() {
    let _ = LENGTH;
}
