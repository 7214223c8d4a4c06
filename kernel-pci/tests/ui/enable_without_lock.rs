// SPDX-License-Identifier: GPL-2.0

//! Devices are enabled by callbacks of the bus, which hold their lock; BARs are mapped, and the
//! configuration space accessed, while a driver is bound.

extern crate kernel_pci as kernel;

use kernel::{device::Bound, pci::Device, prelude::*};

fn enable(pdev: &Device<Bound>) -> Result {
    pdev.set_master();
    pdev.enable_device_mem()
}

fn map(pdev: &Device) -> Result {
    pdev.iomap_region(0, c"map").map(drop)
}

fn configure(pdev: &Device) {
    let _ = pdev.config_space();
}

fn main() {}
