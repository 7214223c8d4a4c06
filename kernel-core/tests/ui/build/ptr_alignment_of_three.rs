// SPDX-License-Identifier: GPL-2.0

//! An alignment is a power of two.

extern crate kernel_core as kernel;

use kernel::ptr::Alignment;

fn main() {
    let _ = Alignment::new::<3>();
    let _ = Alignment::new::<0>();
}
