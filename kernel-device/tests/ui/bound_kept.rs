// SPDX-License-Identifier: GPL-2.0

//! A counted reference outlives the driver, so it can't say that there is one.

extern crate kernel_device as kernel;

use kernel::{
    device::{Bound, Device},
    sync::aref::ARef,
};

fn keep(dev: &Device<Bound>) -> ARef<Device<Bound>> {
    dev.into()
}

fn main() {}
