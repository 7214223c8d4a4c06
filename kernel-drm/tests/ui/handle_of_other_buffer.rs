// SPDX-License-Identifier: GPL-2.0

//! A driver's handles are of its one type of buffers.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use kernel::{
    drm::{
        self,
        gem::{self, BaseObject},
        DeviceContext, File,
    },
    prelude::*,
    sync::aref::ARef,
};
use lamp::{Lamp, LampFile};

struct Other;

impl gem::DriverObject for Other {
    type Driver = Lamp;
    type Args = ();

    fn new<C: DeviceContext>(
        _dev: &drm::Device<Lamp, C>,
        _size: usize,
        _args: (),
    ) -> impl PinInit<Self, Error> {
        Ok(Self)
    }
}

fn look_up(file: &File<LampFile>) -> Result<ARef<gem::Object<Other>>> {
    gem::Object::lookup_handle(file, 1)
}

fn main() {}
