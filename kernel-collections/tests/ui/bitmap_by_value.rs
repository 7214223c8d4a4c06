// SPDX-License-Identifier: GPL-2.0

//! A bitmap is nothing without its words, so there are only references to it.

extern crate kernel_collections as kernel;

use kernel::bitmap::{Bitmap, BitmapVec};

fn moved(bits: BitmapVec) -> Bitmap {
    *bits
}

fn main() {}
