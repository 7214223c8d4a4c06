// SPDX-License-Identifier: GPL-2.0

//! The C declaration has another result.

use kernel::prelude::*;

#[export]
unsafe extern "C" fn rust_fmt_argument(
    _: *mut kernel::ffi::c_char,
    end: *mut kernel::ffi::c_char,
    _: *const kernel::ffi::c_void,
) -> *const kernel::ffi::c_char {
    end
}

fn main() {}
