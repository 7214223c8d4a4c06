// SPDX-License-Identifier: GPL-2.0

//! What a device has written need not be a bool.

extern crate kernel_dma as kernel;

use kernel::{dma::Coherent, transmute::{AsBytes, FromBytes}};

#[repr(transparent)]
struct Flag(bool);

// SAFETY: It has no padding.
unsafe impl AsBytes for Flag {}
// SAFETY: It is not, but that is not what this is about.
unsafe impl FromBytes for Flag {}

fn flag(memory: &Coherent<Flag>) -> bool {
    kernel::dma_read!(memory, .0)
}

fn main() {}
