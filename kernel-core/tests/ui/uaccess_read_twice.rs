// SPDX-License-Identifier: GPL-2.0

//! Reading the same memory twice has to be asked for: a slice makes one reader.

extern crate kernel_core as kernel;

use kernel::uaccess::{UserPtr, UserSlice};

fn main() {
    let slice = UserSlice::new(UserPtr::from_addr(0), 8);
    let _check = slice.reader();
    let _use = slice.reader();
}
