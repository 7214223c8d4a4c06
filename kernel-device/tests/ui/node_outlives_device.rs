// SPDX-License-Identifier: GPL-2.0

//! A device has its node, so a borrowed node ends with the device.

extern crate kernel_device as kernel;

use kernel::{
    device::{property::FwNode, Device},
    sync::aref::ARef,
};

fn node<'a>(dev: ARef<Device>) -> Option<&'a FwNode> {
    dev.fwnode()
}

fn main() {}
