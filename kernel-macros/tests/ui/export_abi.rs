// SPDX-License-Identifier: GPL-2.0

//! C calls functions by its own conventions.

use kernel::prelude::*;

#[export]
unsafe fn rust_fmt_argument() {}

fn main() {}
