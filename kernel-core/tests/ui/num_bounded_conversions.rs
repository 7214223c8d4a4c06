// SPDX-License-Identifier: GPL-2.0

//! What may not fit does not convert by itself.

extern crate kernel_core as kernel;

use kernel::num::Bounded;

fn main() {
    let _ = Bounded::<u32, 7>::from(1_u8);
    let _ = u8::from(Bounded::<u32, 9>::new::<1>());
    let _ = i32::from(Bounded::<u32, 9>::new::<1>());
    let _: Bounded<i64, 8> = Bounded::<u32, 8>::new::<1>().cast();
    let _ = Bounded::<i8, 1>::from(true);
    let _ = bool::from(Bounded::<u8, 2>::new::<1>());
    let _: Bounded<u32, 4> = Bounded::<u32, 3>::new::<1>().into();
}
