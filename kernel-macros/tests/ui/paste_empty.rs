// SPDX-License-Identifier: GPL-2.0

//! A name has letters.

use kernel::macros::paste;

paste! {
    const [<>]: u8 = 0;
}

fn main() {}
