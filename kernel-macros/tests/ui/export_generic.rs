// SPDX-License-Identifier: GPL-2.0

//! C has no generic functions.

use kernel::prelude::*;

#[export]
unsafe extern "C" fn rust_fmt_argument<T>(_: *mut T) {}

fn main() {}
