// SPDX-License-Identifier: GPL-2.0

//! Graphics devices, from the side of their drivers.
//!
//! A driver of the DRM subsystem has a [`Device`], whose files user space opens. On an open file it
//! calls the driver's ioctls, and has *handles* of buffers: [`gem`] objects.
//!
//! 1. Implement [`Driver`]: its data, its type of file, its type of buffer, its names, and its ioctls by
//!    [`declare_drm_ioctls!`](crate::declare_drm_ioctls).
//! 2. Implement [`file::DriverFile`] for what there is for each open file, and [`gem::DriverObject`] for
//!    what there is for each buffer.
//! 3. In `probe`, make an [`UnregisteredDevice`], and [register](Registration::new_foreign_owned) it.
//!    It is unplugged when the driver is unbound.
//!
//! ## What ends when
//!
//! The device that the driver is bound to may go while files are open. Then
//!
//! - ioctls that are running are waited for, and no other one reaches the driver: it fails with `ENODEV`;
//! - the files stay open, and their handles and mappings stay, until user space closes them;
//! - the driver's data, its files' data and the buffers go with the last one who has them; a file or a
//!   buffer has the [`Device`], and the device has the data.
//!
//! Who has a file open, or a buffer of it as a DMA-BUF, keeps the module of the driver, though drivers do
//! not say which that is.
//!
//! Available if the configuration has `CONFIG_DRM=y`.
//!
//! C headers: [`include/drm/drm_drv.h`](srctree/include/drm/drm_drv.h),
//! [`include/drm/drm_file.h`](srctree/include/drm/drm_file.h),
//! [`include/drm/drm_gem.h`](srctree/include/drm/drm_gem.h).

pub mod device;
pub mod driver;
pub mod file;
mod fops;
pub mod gem;
#[cfg(CONFIG_DRM_GPUVM = "y")]
pub mod gpuvm;
pub mod ioctl;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use device::{Device, DeviceContext, Registered, Uninit, UnregisteredDevice};
pub use driver::{Driver, DriverInfo, Registration};
pub use file::File;

/// Keeps others from implementing traits that are closed.
pub(crate) mod private {
    pub trait Sealed {}
}
