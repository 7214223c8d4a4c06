// SPDX-License-Identifier: GPL-2.0

//! An assertion about a parameter is checked for each use.

extern crate kernel_core as kernel;

use kernel::build_assert::const_assert;

fn header<const N: usize, const LEN: usize>(bytes: &[u8; LEN]) -> &[u8] {
    const_assert!(N <= LEN, "the header is longer than the buffer");
    &bytes[..N]
}

fn main() {
    header::<4, 4>(&[0; 4]);
    header::<5, 4>(&[0; 4]);
}
