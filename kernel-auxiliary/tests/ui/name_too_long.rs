// SPDX-License-Identifier: GPL-2.0

//! The names in a table fit into C's structure, or it does not compile.

extern crate kernel_auxiliary as kernel;

use kernel::auxiliary::DeviceId;

const FITS: DeviceId = DeviceId::new(c"a23456789012345678901234567890", c"a2345678");
const LONG: DeviceId = DeviceId::new(c"a23456789012345678901234567890", c"a23456789");

fn main() {}
