// SPDX-License-Identifier: GPL-2.0

//! The C declaration has another argument.

use kernel::prelude::*;

#[export]
unsafe extern "C" fn rust_fmt_argument(
    _: *mut kernel::ffi::c_char,
    end: *mut kernel::ffi::c_char,
    _: usize,
) -> *mut kernel::ffi::c_char {
    end
}

fn main() {}
