// SPDX-License-Identifier: GPL-2.0

//! Conversions between widths have room for every value.

extern crate kernel_core as kernel;

use kernel::num::Bounded;

fn main() {
    let value = Bounded::<u32, 12>::new::<1>();
    let _ = value.extend::<11>();
    let _ = value.extend::<33>();
    let _ = value.cast::<u8>();
    let _ = value.shl::<4, 15>();
    let _ = value.shr::<4, 7>();
    let _ = value.shr::<32, 1>();
    let _ = Bounded::<u32, 12>::of_word::<21>(0);
}
