// SPDX-License-Identifier: GPL-2.0

//! A bitmap's view ends with its owner.

extern crate kernel_collections as kernel;

use kernel::bitmap::{Bitmap, BitmapVec};

fn outlives() -> &'static Bitmap {
    let bits = BitmapVec::new_inline();
    &bits
}

fn replaced(bits: &mut BitmapVec) -> Option<usize> {
    let view: &Bitmap = bits;
    *bits = BitmapVec::new_inline();
    view.last_bit()
}

fn main() {}
