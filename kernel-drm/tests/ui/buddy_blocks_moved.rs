// SPDX-License-Identifier: GPL-2.0

//! Blocks stay where their list is.

extern crate kernel_drm as kernel;

use kernel::{gpu::buddy::AllocatedBlocks, prelude::*};

fn swap(first: &mut Pin<KBox<AllocatedBlocks>>, second: &mut Pin<KBox<AllocatedBlocks>>) {
    core::mem::swap(&mut **first, &mut **second);
}

fn main() {}
