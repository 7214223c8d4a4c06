// SPDX-License-Identifier: GPL-2.0

//! A bounded integer comes out of a constructor that checks.

extern crate kernel_core as kernel;

use kernel::num::{Bounded, Integer};

struct Weird(u32);

impl Integer for Weird {
    type Signedness = kernel::num::Unsigned;
    const BITS: u32 = 0;
}

fn main() {
    let _ = Bounded::<u8, 1>(255);
    let mut bounded = Bounded::<u8, 1>::new::<1>();
    bounded.0 = 2;
    *bounded = 2;
}
