// SPDX-License-Identifier: GPL-2.0

//! A slice can't be copied out as a value.

extern crate kernel_dma as kernel;

use kernel::{dma::Coherent, prelude::*};

fn half(memory: &Coherent<[u32]>) -> Result {
    let _half = kernel::dma_read!(memory, [try: ..2]);
    Ok(())
}

fn main() {}
