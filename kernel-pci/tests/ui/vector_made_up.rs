// SPDX-License-Identifier: GPL-2.0

//! Vectors are those that were allocated.

extern crate kernel_pci as kernel;

use kernel::{
    device::Bound,
    pci::{Device, IrqVector},
};

fn made_up(dev: &Device<Bound>) -> IrqVector<'_> {
    IrqVector { dev, index: 0 }
}

fn main() {}
