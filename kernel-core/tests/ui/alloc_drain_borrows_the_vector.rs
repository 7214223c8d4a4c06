// SPDX-License-Identifier: GPL-2.0

//! A vector cannot be used, nor dropped, while its elements are drained.

extern crate kernel_core as kernel;

use kernel::alloc::{flags::GFP_KERNEL, AllocError, KVec};

fn used() -> Result<(), AllocError> {
    let mut vec = KVec::new();
    let mut elements = vec.drain_all();
    vec.push(1, GFP_KERNEL)?;
    elements.next();
    Ok(())
}

fn dropped(mut vec: KVec<u8>) {
    let elements = vec.drain_all();
    drop(vec);
    drop(elements);
}

fn main() {
    let _ = used();
    dropped(KVec::new());
}
