// SPDX-License-Identifier: GPL-2.0

//! A block is not used after it was given back.

extern crate kernel_drm as kernel;

use kernel::{gpu::buddy::AllocatedBlocks, prelude::*};

fn offset(blocks: Pin<KBox<AllocatedBlocks>>) -> Option<u64> {
    let first = blocks.iter().next();
    drop(blocks);
    first.map(|block| block.offset())
}

fn main() {}
