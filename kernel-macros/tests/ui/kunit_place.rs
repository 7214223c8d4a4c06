// SPDX-License-Identifier: GPL-2.0

//! Tests live in a module.

use kernel::prelude::*;

#[kunit_tests(suite)]
fn test() {}

fn main() {}
