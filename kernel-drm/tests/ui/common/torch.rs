// SPDX-License-Identifier: GPL-2.0

//! A driver but for `drm::Driver`, for what can't be said there.

use crate::kernel::{
    drm::{self, gem, DeviceContext},
    prelude::*,
};

pub struct Torch;

pub const INFO: drm::DriverInfo = drm::DriverInfo {
    major: 1,
    minor: 0,
    patchlevel: 0,
    name: c"torch",
    desc: c"A torch that can draw",
};

pub struct TorchFile;

impl drm::file::DriverFile for TorchFile {
    type Driver = Torch;

    fn open(_dev: &drm::Device<Torch>) -> Result<Pin<KBox<Self>>> {
        Ok(KBox::new(Self, GFP_KERNEL)?.into())
    }
}

pub struct TorchBuffer;

impl gem::DriverObject for TorchBuffer {
    type Driver = Torch;
    type Args = ();

    fn new<C: DeviceContext>(
        _dev: &drm::Device<Torch, C>,
        _size: usize,
        _args: (),
    ) -> impl PinInit<Self, Error> {
        Ok(Self)
    }
}

/// The ioctls, as C gets them.
pub const COUNT: usize = <Torch as drm::Driver>::IOCTLS.len();
