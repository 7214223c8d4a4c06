// SPDX-License-Identifier: GPL-2.0

//! The platform device is there as long as the device that it was made of.

extern crate kernel_platform as kernel;

use kernel::{device, platform};

fn keep(dev: &device::Device) -> Option<&'static platform::Device> {
    dev.try_into().ok()
}

fn main() {}
