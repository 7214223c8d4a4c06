// SPDX-License-Identifier: GPL-2.0

//! A reference is gone when the memory is.

extern crate kernel_dma as kernel;

use kernel::dma::Coherent;

fn keep(memory: Coherent<u32>) -> &'static u32 {
    // SAFETY: There is no device.
    unsafe { memory.as_ref() }
}

fn main() {}
