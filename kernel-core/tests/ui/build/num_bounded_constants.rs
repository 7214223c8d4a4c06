// SPDX-License-Identifier: GPL-2.0

//! A constant that does not fit does not build.

extern crate kernel_core as kernel;

use kernel::num::Bounded;

fn main() {
    let _ = Bounded::<u8, 4>::new::<16>();
    let _ = Bounded::<i8, 4>::new::<-9>();
    let _ = Bounded::<u8, 0>::new::<0>();
    let _ = Bounded::<u8, 9>::new::<0>();
}
