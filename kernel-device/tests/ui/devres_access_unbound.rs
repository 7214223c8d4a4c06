// SPDX-License-Identifier: GPL-2.0

//! A device that may be unbound does not open a resource.

extern crate kernel_device as kernel;

use kernel::{device::Device, devres::Devres, prelude::*};

fn first(registers: &Devres<[u32; 4]>, dev: &Device) -> Result<u32> {
    Ok(registers.access(dev)?[0])
}

fn main() {}
