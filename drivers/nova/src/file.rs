// SPDX-License-Identifier: GPL-2.0

//! What user space can ask of an open file.

use crate::{
    driver::{NovaDevice, NovaDriver},
    gem::{self, Object},
    uapi::{self, GemCreate, GemInfo, GetParam},
};
use kernel::{
    drm::{self, file::DriverFile, gem::BaseObject},
    prelude::*,
};

/// What the driver keeps of an open file: nothing. DRM has the handles.
pub(crate) struct File;

impl DriverFile for File {
    type Driver = NovaDriver;

    fn open(_dev: &NovaDevice) -> Result<Pin<KBox<Self>>> {
        Ok(KBox::new(Self, GFP_KERNEL)?.into())
    }
}

impl File {
    /// `DRM_IOCTL_NOVA_GETPARAM`: a parameter of the GPU or of the driver.
    ///
    /// - `EINVAL` if there is no such parameter.
    pub(crate) fn get_param(
        dev: &NovaDevice,
        args: &mut GetParam,
        _file: &drm::File<Self>,
    ) -> Result<u32> {
        args.value = match args.param {
            uapi::VRAM_BAR_SIZE => dev.vram_bar_size,
            _ => return Err(EINVAL),
        };
        Ok(0)
    }

    /// `DRM_IOCTL_NOVA_GEM_CREATE`: makes a buffer, and a handle for it.
    ///
    /// - `EINVAL` if the size is zero or more than there can be, or if the padding is not zero.
    pub(crate) fn gem_create(
        dev: &NovaDevice,
        args: &mut GemCreate,
        file: &drm::File<Self>,
    ) -> Result<u32> {
        if args.pad != 0 {
            return Err(EINVAL);
        }
        let buffer = gem::create(dev, args.size)?;
        args.handle = buffer.create_handle(file)?;
        Ok(0)
    }

    /// `DRM_IOCTL_NOVA_GEM_INFO`: how long the buffer with a handle is, in bytes.
    ///
    /// - `ENOENT` if the file has no such handle, `EINVAL` if the padding is not zero.
    pub(crate) fn gem_info(
        _dev: &NovaDevice,
        args: &mut GemInfo,
        file: &drm::File<Self>,
    ) -> Result<u32> {
        if args.pad != 0 {
            return Err(EINVAL);
        }
        let buffer = Object::lookup_handle(file, args.handle)?;
        args.size = buffer.size() as u64;
        Ok(0)
    }
}
