// SPDX-License-Identifier: GPL-2.0

//! What registration returns is good for as long as the driver is bound; who wants more takes a reference.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use kernel::{
    device::{Bound, Device},
    drm::{self, Registration, UnregisteredDevice},
    prelude::*,
};
use lamp::Lamp;

fn probe(dev: &Device<Bound>, drm: UnregisteredDevice<Lamp>) -> Result<&'static drm::Device<Lamp>> {
    Registration::new_foreign_owned(drm, dev, 0)
}

fn main() {}
