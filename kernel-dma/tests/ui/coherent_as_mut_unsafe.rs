// SPDX-License-Identifier: GPL-2.0

//! Who wants a mutable reference has to know that nobody else has one.

extern crate kernel_dma as kernel;

use kernel::dma::Coherent;

fn all(memory: &Coherent<[u32]>) -> &mut [u32] {
    memory.as_mut()
}

fn main() {}
