// SPDX-License-Identifier: GPL-2.0

//! What is captured has to exist.

use kernel::prelude::*;

fn main() {
    let _ = fmt!("{nowhere} {:elsewhere$}", 1);
}
