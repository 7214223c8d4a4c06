// SPDX-License-Identifier: GPL-2.0

//! A buffer borrows nothing: user space may be the last to have it.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use kernel::{
    drm::{self, gem, DeviceContext},
    prelude::*,
};
use lamp::Lamp;

struct Noted<'a>(&'a u32);

impl<'a> gem::DriverObject for Noted<'a> {
    type Driver = Lamp;
    type Args = &'a u32;

    fn new<C: DeviceContext>(
        _dev: &drm::Device<Lamp, C>,
        _size: usize,
        note: &'a u32,
    ) -> impl PinInit<Self, Error> {
        Ok(Self(note))
    }
}

fn main() {}
