// SPDX-License-Identifier: GPL-2.0

//! Padding has no value to be written.

extern crate kernel_dma as kernel;

use kernel::dma::Coherent;

#[repr(C)]
struct Padded {
    tag: u8,
    value: u32,
}

#[repr(C)]
struct Outer {
    padded: Padded,
}

fn write(memory: &Coherent<Outer>) {
    kernel::dma_write!(memory, .padded, Padded { tag: 1, value: 2 });
}

fn main() {}
