// SPDX-License-Identifier: GPL-2.0

//! A C string ends at its NUL, so one inside is a mistake.

extern crate kernel_core as kernel;

use kernel::{c_str, str::CStr};

const NAME: &CStr = c_str!("two\0parts");

fn main() {
    let _ = NAME;
}
