// SPDX-License-Identifier: GPL-2.0

//! A counted reference outlives the driver, so it can't say that there is one.

extern crate kernel_usb as kernel;

use kernel::{device::Bound, sync::aref::ARef, usb::Interface};

fn keep(interface: &Interface<Bound>) -> ARef<Interface<Bound>> {
    interface.into()
}

fn main() {}
