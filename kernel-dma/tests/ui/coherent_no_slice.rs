// SPDX-License-Identifier: GPL-2.0

//! The device may write at any time, so there is no slice of what it shares.

extern crate kernel_dma as kernel;

use kernel::dma::Coherent;

fn sum(memory: &Coherent<[u32]>) -> u32 {
    let values: &[u32] = memory;
    values.iter().sum()
}

fn main() {}
