// SPDX-License-Identifier: GPL-2.0

//! The configuration space is the driver's for as long as it is bound.

extern crate kernel_pci as kernel;

use kernel::{
    device::Bound,
    pci::{ConfigSpace, Device, Normal},
};

fn kept(pdev: &Device<Bound>) -> ConfigSpace<'static, Normal> {
    pdev.config_space()
}

fn main() {}
