// SPDX-License-Identifier: GPL-2.0

//! A suite has a name.

use kernel::prelude::*;

#[kunit_tests]
mod tests {}

#[kunit_tests("name")]
mod other_tests {}

fn main() {}
