// SPDX-License-Identifier: GPL-2.0

//! The function behind the macro believes what its closure returns.

extern crate kernel_core as kernel;

use kernel::ptr::projection::project_field;

fn main() {
    let value = 5_u32;
    let _ = project_field(&raw const value as *mut u32, |_| 8 as *mut u64);
}
