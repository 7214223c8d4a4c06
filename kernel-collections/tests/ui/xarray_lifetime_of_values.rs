// SPDX-License-Identifier: GPL-2.0

// An array of references that live long does not take in one that lives shorter, though storing it takes
// a shared reference only.

extern crate kernel_collections as kernel;

use kernel::{alloc::KBox, xarray::XArray};

fn shorten<'a, 'short>(
    array: &'a XArray<KBox<&'static u32>>,
    _: &'short u32,
) -> &'a XArray<KBox<&'short u32>> {
    array
}

fn main() {}
