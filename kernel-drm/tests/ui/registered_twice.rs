// SPDX-License-Identifier: GPL-2.0

//! A device is registered once.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use kernel::{
    device::{Bound, Device},
    drm::{Registration, UnregisteredDevice},
    prelude::*,
};
use lamp::Lamp;

fn probe(dev: &Device<Bound>, drm: UnregisteredDevice<Lamp>) -> Result {
    Registration::new_foreign_owned(drm, dev, 0)?;
    Registration::new_foreign_owned(drm, dev, 0)?;
    Ok(())
}

fn main() {}
