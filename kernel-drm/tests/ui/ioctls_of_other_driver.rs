// SPDX-License-Identifier: GPL-2.0

//! A driver has ioctls of its own, whose handlers get its devices; not those of another one.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;
#[path = "common/torch.rs"]
mod torch;

use kernel::{
    drm::{self, gem, ioctl::DrmIoctlDescriptor, DeviceContext},
    prelude::*,
};
use torch::{Torch, TorchBuffer, TorchFile, INFO};

#[vtable]
impl drm::Driver for Torch {
    type Data = u64;
    type File = TorchFile;
    type Object<C: DeviceContext> = gem::Object<TorchBuffer, C>;

    const INFO: drm::DriverInfo = INFO;

    const IOCTLS: &'static [DrmIoctlDescriptor<Self>] = <lamp::Lamp as drm::Driver>::IOCTLS;
}

const _: usize = torch::COUNT;

fn main() {}
