// SPDX-License-Identifier: GPL-2.0

//! A vector is the device's for as long as the driver is bound.

extern crate kernel_pci as kernel;

use kernel::{
    device::Bound,
    pci::{Device, IrqTypes, IrqVector},
    prelude::*,
};

fn kept(pdev: &Device<Bound>) -> Result<IrqVector<'static>> {
    Ok(*pdev.alloc_irq_vectors(1, 1, IrqTypes::all())?.start())
}

fn main() {}
