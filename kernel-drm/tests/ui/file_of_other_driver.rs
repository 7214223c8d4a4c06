// SPDX-License-Identifier: GPL-2.0

//! The files of a driver are made with its own devices.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use kernel::{
    drm::{self, gem, DeviceContext},
    prelude::*,
};
use lamp::{LampBuffer, LampFile, INFO};

struct Torch;

#[vtable]
impl drm::Driver for Torch {
    type Data = u64;
    type File = LampFile;
    type Object<C: DeviceContext> = gem::Object<LampBuffer, C>;

    const INFO: drm::DriverInfo = INFO;

    kernel::declare_drm_ioctls! {}
}

fn main() {}
