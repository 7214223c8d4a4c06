// SPDX-License-Identifier: GPL-2.0

//! Nothing tells that a driver is bound: only `as_bound`, which is unsafe, can say so.

extern crate kernel_device as kernel;

use kernel::device::{Bound, Device};

fn bound(dev: &Device) -> &Device<Bound> {
    dev
}

fn main() {}
