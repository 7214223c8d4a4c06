// SPDX-License-Identifier: GPL-2.0

//! A buffer of a device that is not registered has no handles.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use kernel::{
    drm::{
        gem::{self, BaseObject},
        File, Uninit,
    },
    prelude::*,
};
use lamp::{LampBuffer, LampFile};

fn publish(buffer: &gem::Object<LampBuffer, Uninit>, file: &File<LampFile>) -> Result<u32> {
    buffer.create_handle(file)
}

fn main() {}
