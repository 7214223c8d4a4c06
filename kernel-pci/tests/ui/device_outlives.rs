// SPDX-License-Identifier: GPL-2.0

//! From a device to the PCI device that it is there is a way, for as long as the device is there.

extern crate kernel_pci as kernel;

use kernel::{
    device::{self, Bound},
    pci,
    prelude::*,
};

fn longer(dev: &device::Device<Bound>) -> Result<&'static pci::Device<Bound>> {
    dev.try_into()
}

fn main() {}
