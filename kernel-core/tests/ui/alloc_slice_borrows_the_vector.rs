// SPDX-License-Identifier: GPL-2.0

//! A vector cannot grow, and thereby move its elements, while one of them is borrowed.

extern crate kernel_core as kernel;

use kernel::alloc::{flags::GFP_KERNEL, AllocError, KVec};

fn grow(vec: &mut KVec<u32>) -> Result<u32, AllocError> {
    let first = &vec[0];
    vec.reserve(100, GFP_KERNEL)?;
    Ok(*first)
}

fn main() {
    let _ = grow(&mut KVec::new());
}
