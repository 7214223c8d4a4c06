// SPDX-License-Identifier: GPL-2.0

//! There has to be a C declaration.

use kernel::prelude::*;

#[export]
unsafe extern "C" fn rust_function_that_no_header_declares() {}

fn main() {}
