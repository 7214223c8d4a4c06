// SPDX-License-Identifier: GPL-2.0

//! What a `Devres` has of a BAR says `'static`, and is to be had for as long as the driver is bound.

extern crate kernel_pci as kernel;

use kernel::{
    device::{self, Bound},
    devres::Devres,
    io::Mmio,
    pci,
    prelude::*,
};

fn registers(
    bar: &'static Devres<pci::Bar<'static, 16>>,
    dev: &device::Device<Bound>,
) -> Result<&'static Mmio<16>> {
    Ok(bar.access(dev)?)
}

fn moved(
    bar: &Devres<pci::Bar<'static, 16>>,
    dev: &device::Device<Bound>,
) -> Result<pci::Bar<'static, 16>> {
    Ok(*bar.access(dev)?)
}

fn device(bar: &pci::Bar<'static, 16>) -> &'static pci::Device<Bound> {
    bar.pdev
}

fn main() {}
