// SPDX-License-Identifier: Apache-2.0 OR MIT

//! The assertion fails for a field that is not pinned, or is of another type.

use pin_init::{assert_pinned, pin_data};

#[pin_data]
struct Pair {
    #[pin]
    pinned: u8,
    free: u16,
}

assert_pinned!(Pair, pinned, u8);
assert_pinned!(Pair, free, u16);
assert_pinned!(Pair, pinned, u16);
assert_pinned!(Pair, absent, u16);

fn main() {}
