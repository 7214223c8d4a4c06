// SPDX-License-Identifier: GPL-2.0

//! What is left with a device may not borrow: nothing says how long the device keeps it.

extern crate kernel_device as kernel;

use kernel::{
    device::{Bound, Device},
    devres::Devres,
    prelude::*,
};

/// As a mapping is that ends with the binding.
struct Mapping<'a>(&'a Device<Bound>);

fn keep(dev: &Device<Bound>) -> Result {
    let mapping = Devres::new(dev, Mapping(dev))?;
    let Mapping(bound) = mapping.access(dev)?;
    dev_info!(bound, "mapped\n");
    Ok(())
}

fn main() {}
