// SPDX-License-Identifier: GPL-2.0

//! A driver, for what can't be done with it.

use crate::kernel::{
    drm::{self, file::DriverFile, gem, DeviceContext},
    prelude::*,
};

pub struct Lamp;

pub const INFO: drm::DriverInfo = drm::DriverInfo {
    major: 1,
    minor: 0,
    patchlevel: 0,
    name: c"lamp",
    desc: c"A lamp that can draw",
};

#[vtable]
impl drm::Driver for Lamp {
    type Data = u32;
    type File = LampFile;
    type Object<C: DeviceContext> = gem::Object<LampBuffer, C>;

    const INFO: drm::DriverInfo = INFO;

    kernel::declare_drm_ioctls! {}
}

pub struct LampFile;

impl DriverFile for LampFile {
    type Driver = Lamp;

    fn open(_dev: &drm::Device<Lamp>) -> Result<Pin<KBox<Self>>> {
        Ok(KBox::new(Self, GFP_KERNEL)?.into())
    }
}

pub struct LampBuffer;

impl gem::DriverObject for LampBuffer {
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
