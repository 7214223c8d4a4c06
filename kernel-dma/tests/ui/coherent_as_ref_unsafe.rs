// SPDX-License-Identifier: GPL-2.0

//! Who wants a reference has to know that the device does not write.

extern crate kernel_dma as kernel;

use kernel::dma::Coherent;

fn all(memory: &Coherent<[u32]>) -> &[u32] {
    memory.as_ref()
}

fn main() {}
