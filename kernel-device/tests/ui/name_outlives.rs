// SPDX-License-Identifier: GPL-2.0

//! The name is the device's.

extern crate kernel_device as kernel;

use kernel::{device::Device, prelude::*, sync::aref::ARef};

fn name(dev: ARef<Device>) -> &'static CStr {
    dev.name()
}

fn main() {}
