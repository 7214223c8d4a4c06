// SPDX-License-Identifier: GPL-2.0

//! The modifiers are few.

use kernel::macros::paste;

paste! {
    const [<fast:loud>]: u8 = 0;
}

fn main() {}
