// SPDX-License-Identifier: GPL-2.0

//! What there is for a file is used by all who have that open.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use core::cell::Cell;
use kernel::{
    drm::{self, file::DriverFile},
    prelude::*,
};
use lamp::Lamp;

struct Counter(Cell<u32>);

impl DriverFile for Counter {
    type Driver = Lamp;

    fn open(_dev: &drm::Device<Lamp>) -> Result<Pin<KBox<Self>>> {
        Ok(KBox::new(Self(Cell::new(0)), GFP_KERNEL)?.into())
    }
}

fn main() {}
