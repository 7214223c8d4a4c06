// SPDX-License-Identifier: GPL-2.0

//! A line about a device needs one.

extern crate kernel_device as kernel;

use kernel::prelude::*;

fn report(name: &CStr) {
    dev_info!(name, "here\n");
}

fn main() {}
