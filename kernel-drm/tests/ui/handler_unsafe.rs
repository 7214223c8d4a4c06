// SPDX-License-Identifier: GPL-2.0

//! A handler is not taken for safe because of the macro.

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
        (NOVA_GETPARAM, drm_nova_getparam, 0, |_, _, _| Ok(dangerous())),
    }
}

unsafe fn dangerous() -> u32 {
    0
}

const _: usize = torch::COUNT;

fn main() {}
