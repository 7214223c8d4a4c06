// SPDX-License-Identifier: GPL-2.0

//! Only functions are exported.

use kernel::prelude::*;

#[export]
static ANSWER: u8 = 42;

fn main() {}
