// SPDX-License-Identifier: GPL-2.0

//! Buffers.

use crate::driver::{NovaDevice, NovaDriver};
use kernel::{
    drm::{self, gem, DeviceContext},
    page::page_align,
    prelude::*,
    sync::aref::ARef,
};

/// A buffer, with what DRM keeps of it.
pub(crate) type Object = gem::Object<Buffer>;

/// What the driver keeps of a buffer: nothing, yet.
pub(crate) struct Buffer;

impl gem::DriverObject for Buffer {
    type Driver = NovaDriver;
    type Args = ();

    fn new<Ctx: DeviceContext>(
        _dev: &drm::Device<NovaDriver, Ctx>,
        _size: usize,
        _args: (),
    ) -> impl PinInit<Self, Error> {
        Ok::<_, Error>(Self)
    }
}

/// Makes a buffer of at least `size` bytes: of whole pages.
///
/// # Errors
///
/// - `EINVAL` if the size is zero, or more than there can be.
/// - `ENOMEM` and `ENOSPC` if there is no memory for what DRM keeps of it.
pub(crate) fn create(dev: &NovaDevice, size: u64) -> Result<ARef<Object>> {
    if size == 0 {
        return Err(EINVAL);
    }
    let size = usize::try_from(size).map_err(|_| EINVAL)?;
    let size = page_align(size).ok_or(EINVAL)?;
    Object::new(dev, size, ())
}
