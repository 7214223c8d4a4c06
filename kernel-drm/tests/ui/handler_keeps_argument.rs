// SPDX-License-Identifier: GPL-2.0

//! A handler does not keep its argument.

extern crate kernel_drm as kernel;

#[path = "common/torch.rs"]
mod torch;

use kernel::{
    drm::{self, gem, DeviceContext},
    prelude::*,
    uapi,
};
use torch::{Torch, TorchBuffer, TorchFile, INFO};

#[vtable]
impl drm::Driver for Torch {
    type Data = u64;
    type File = TorchFile;
    type Object<C: DeviceContext> = gem::Object<TorchBuffer, C>;

    const INFO: drm::DriverInfo = INFO;

    kernel::declare_drm_ioctls! {
        (NOVA_GETPARAM, drm_nova_getparam, 0, get),
    }
}

fn get(
    _dev: &drm::Device<Torch>,
    _arg: &'static mut uapi::drm_nova_getparam,
    _file: &drm::File<TorchFile>,
) -> Result<u32> {
    Ok(0)
}

const _: usize = torch::COUNT;

fn main() {}
