// SPDX-License-Identifier: GPL-2.0

//! Calling a C declaration is `unsafe`, and so is what it stands for.

use kernel::prelude::*;

#[export]
extern "C" fn rust_fmt_argument(
    _: *mut kernel::ffi::c_char,
    end: *mut kernel::ffi::c_char,
    _: *const kernel::ffi::c_void,
) -> *mut kernel::ffi::c_char {
    end
}

fn main() {}
