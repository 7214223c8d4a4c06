// SPDX-License-Identifier: GPL-2.0

//! Pieces are not separated.

use kernel::macros::paste;

paste! {
    const [<fast, er>]: u8 = 0;
}

fn main() {}
