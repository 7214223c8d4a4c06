// SPDX-License-Identifier: GPL-2.0

//! What holds does build. (This also makes the others be built, not just checked: some assertions
//! are only evaluated then.)

extern crate kernel_core as kernel;

use kernel::{
    bitfield, build_assert::const_assert, num::Bounded, prelude::Zeroable, ptr::Alignment,
};

bitfield! {
    struct Word(u16) {
        6:3 field;
    }
}

fn small<const N: usize>() -> usize {
    const_assert!(N < 10);
    N
}

fn main() {
    assert_eq!(Word::zeroed().with_const_field::<15>().into_raw(), 0x78);
    assert_eq!(Bounded::<u8, 4>::new::<15>(), 15);
    assert_eq!(Alignment::new::<4>().log2(), 2);
    assert_eq!(small::<9>(), 9);
}
