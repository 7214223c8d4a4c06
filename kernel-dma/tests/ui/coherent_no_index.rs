// SPDX-License-Identifier: GPL-2.0

//! The device may write at any time, so there is no place to borrow an element from.

extern crate kernel_dma as kernel;

use kernel::dma::Coherent;

fn first(memory: &Coherent<[u32]>) -> &u32 {
    &memory[0]
}

fn main() {}
