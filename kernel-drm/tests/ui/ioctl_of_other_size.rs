// SPDX-License-Identifier: GPL-2.0

//! The argument is as large as the number of the ioctl says.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use kernel::{
    drm::{self, gem, DeviceContext},
    prelude::*,
};
use lamp::INFO;

struct Torch;

#[vtable]
impl drm::Driver for Torch {
    type Data = u64;
    type File = TorchFile;
    type Object<C: DeviceContext> = gem::Object<TorchBuffer, C>;

    const INFO: drm::DriverInfo = INFO;

    kernel::declare_drm_ioctls! {
        (NOVA_GETPARAM, drm_version, 0, |_, _, _| Ok(0)),
    }
}

struct TorchFile;

impl drm::file::DriverFile for TorchFile {
    type Driver = Torch;

    fn open(_dev: &drm::Device<Torch>) -> Result<Pin<KBox<Self>>> {
        Ok(KBox::new(Self, GFP_KERNEL)?.into())
    }
}

struct TorchBuffer;

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

const _: usize = <Torch as drm::Driver>::IOCTLS.len();

fn main() {}
