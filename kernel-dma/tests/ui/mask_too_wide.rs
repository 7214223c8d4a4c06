// SPDX-License-Identifier: GPL-2.0

//! No address has more than 64 bits.

extern crate kernel_dma as kernel;

use kernel::dma::DmaMask;

const MASK: DmaMask = DmaMask::new::<65>();

fn main() {
    let _ = MASK;
}
