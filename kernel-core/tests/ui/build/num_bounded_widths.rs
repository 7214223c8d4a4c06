// SPDX-License-Identifier: GPL-2.0

//! There is no integer of no bits, nor of more than its type has.

extern crate kernel_core as kernel;

use kernel::num::Bounded;

fn main() {
    let _ = Bounded::<u8, 0>::try_new(0);
    let _ = Bounded::<u8, 9>::try_new(0);
    let _ = Bounded::<u8, 0>::default();
    let _ = Bounded::<u8, 9>::from_expr(0);
}
