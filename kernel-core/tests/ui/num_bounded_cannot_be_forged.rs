// SPDX-License-Identifier: GPL-2.0

//! A bounded integer comes out of a constructor that checks; and there are no
//! integers but the primitive ones.

extern crate kernel_core as kernel;

use kernel::num::{private::Sealed, Bounded};

fn main() {
    let mut bounded = Bounded::<u8, 1>::new::<1>();
    bounded.0 = 2;
    bounded += 1;
    // SAFETY: None at all.
    let _ = unsafe { Bounded::<u8, 1>::new_unchecked(2) };
}
