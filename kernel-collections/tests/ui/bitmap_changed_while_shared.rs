// SPDX-License-Identifier: GPL-2.0

//! Who shares a bitmap with others changes it atomically, or not at all.

extern crate kernel_collections as kernel;

use kernel::{
    bitmap::{Bitmap, BitmapVec},
    sync::Arc,
};

fn borrowed(bitmap: &Bitmap) {
    bitmap.set_bit(1);
}

fn owned_by_many(bitmap: Arc<BitmapVec>) {
    bitmap.clear_bit(1);
}

fn main() {}
