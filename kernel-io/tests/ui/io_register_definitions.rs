// SPDX-License-Identifier: GPL-2.0

//! What `register!` refuses.

extern crate kernel_io as kernel;

use kernel::io::register;

struct Units;

struct Others;

register! {
    WORDS(u32)[4] @ 0x0 {}

    OF_UNIT(u32) @ Units + 0x0 {}

    // There are four.
    NO_SUCH_WORD(u32) => WORDS[4] {}

    // Two at the same place.
    OVERLAPPING(u32)[4, stride = 2] @ 0x10 {}

    // Not all of it.
    HALF(u16) => WORDS[0] {}

    // Which one?
    ALL(u32) => WORDS {}

    // Of which unit?
    ABSOLUTE(u32) => OF_UNIT {}

    // Not in that family.
    OF_OTHER(u32) => Others + OF_UNIT {}

    // Bits that there aren't.
    WIDE(u8) @ 0x20 {
        8:0 all;
    }
}

fn main() {}
