// SPDX-License-Identifier: GPL-2.0

//! Who has a resource because the device is bound has it no longer than he knows that.

extern crate kernel_device as kernel;

use kernel::{
    device::{Bound, Device},
    devres::Devres,
    prelude::*,
};

fn first<'a>(registers: &'a Devres<[u32; 4]>, dev: &Device<Bound>) -> Result<&'a u32> {
    Ok(&registers.access(dev)?[0])
}

fn main() {}
