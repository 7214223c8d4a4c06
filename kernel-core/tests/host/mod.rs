// SPDX-License-Identifier: GPL-2.0

//! What tests on the host need of the C side, where it is only about messages.

use core::ffi::{c_char, c_int};

/// Errors show by number.
#[no_mangle]
extern "C" fn rust_helper_errname(_: c_int) -> *const c_char {
    core::ptr::null()
}
