// SPDX-License-Identifier: GPL-2.0

//! The argument is as large as the number of the ioctl says.

extern crate kernel_drm as kernel;

#[path = "common/torch.rs"]
mod torch;

use kernel::{
    drm::{self, gem, DeviceContext},
    prelude::*,
};
use torch::{Torch, TorchBuffer, TorchFile, INFO};

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

const _: usize = torch::COUNT;

fn main() {}
