// SPDX-License-Identifier: GPL-2.0

//! The attribute takes no arguments.

use kernel::prelude::*;

#[export(gpl)]
unsafe extern "C" fn rust_fmt_argument() {}

fn main() {}
