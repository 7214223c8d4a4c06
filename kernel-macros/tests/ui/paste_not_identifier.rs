// SPDX-License-Identifier: GPL-2.0

//! A name does not begin with a digit.

use kernel::macros::paste;

paste! {
    const [<2 fast>]: u8 = 0;
}

fn main() {}
