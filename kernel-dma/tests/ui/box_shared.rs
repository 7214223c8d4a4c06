// SPDX-License-Identifier: GPL-2.0

//! Who shares the memory has it no longer for himself.

extern crate kernel_dma as kernel;

use kernel::dma::{Coherent, CoherentBox};

fn share(mut memory: CoherentBox<u32>) -> Coherent<u32> {
    let value: &mut u32 = &mut memory;
    let shared = memory.into();
    *value = 1;
    shared
}

fn main() {}
