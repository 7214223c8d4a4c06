// SPDX-License-Identifier: GPL-2.0

//! That a driver is bound does not mean that the device's lock is held.

extern crate kernel_device as kernel;

use kernel::device::{Bound, Core, Device};

fn core<'a>(dev: &'a Device<Bound>) -> &'a Device<Core<'a>> {
    dev
}

fn main() {}
