// SPDX-License-Identifier: GPL-2.0

//! A BAR, and what is borrowed from it, end before the driver is unbound.

extern crate kernel_pci as kernel;

use kernel::{device::Bound, io::Mmio, pci, prelude::*};

fn bar(pdev: &pci::Device<Bound>) -> Result<pci::Bar<'static>> {
    pdev.iomap_region(0, c"kept")
}

fn registers<'a>(bar: pci::Bar<'a, 16>) -> &'a Mmio<16> {
    &bar
}

fn main() {}
