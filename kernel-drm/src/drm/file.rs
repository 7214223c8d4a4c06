// SPDX-License-Identifier: GPL-2.0

//! Open files of graphics devices.
//!
//! On the C side this is [`include/drm/drm_file.h`](srctree/include/drm/drm_file.h) with
//! [`drivers/gpu/drm/drm_file.c`](srctree/drivers/gpu/drm/drm_file.c).

use super::{
    device::{Device, Section},
    Driver,
};
use crate::{bindings, error::from_result, prelude::*, types::Opaque};
use core::marker::PhantomData;

/// What a driver has for each open file.
///
/// It is dropped when the file has been closed, after its handles; the device is still there then, though
/// it may be unplugged.
///
/// # Examples
///
/// ```
/// use kernel::{
///     drm::{self, file::DriverFile},
///     sync::atomic::{Atomic, Relaxed},
/// };
///
/// /// Counts what was asked for through a file.
/// struct Client<T> {
///     requests: Atomic<u32>,
///     _driver: core::marker::PhantomData<fn(T)>,
/// }
///
/// impl<T: drm::Driver> DriverFile for Client<T> {
///     type Driver = T;
///
///     fn open(_dev: &drm::Device<T>) -> Result<Pin<KBox<Self>>> {
///         let client = Self { requests: Atomic::new(0), _driver: core::marker::PhantomData };
///         Ok(KBox::new(client, GFP_KERNEL)?.into())
///     }
/// }
///
/// /// Part of an ioctl.
/// fn count<T: drm::Driver>(file: &drm::File<Client<T>>) -> u32 {
///     file.inner().requests.fetch_add(1, Relaxed)
/// }
/// ```
pub trait DriverFile: Send + Sync + 'static {
    /// The driver whose files these are.
    type Driver: Driver;

    /// Makes it, for a file that user space opens.
    ///
    /// As in an ioctl, the device is not unplugged meanwhile.
    ///
    /// Until the driver's module has been initialised, opening a file fails with `EBUSY`.
    ///
    /// # Errors
    ///
    /// Those of the driver. The file is not opened then.
    fn open(device: &Device<Self::Driver>) -> Result<Pin<KBox<Self>>>;
}

/// An open file of a graphics device.
///
/// Only ioctls and callbacks of the driver have one.
///
/// C counterpart: [`struct drm_file`](srctree/include/drm/drm_file.h).
///
/// # Examples
///
/// See [`DriverFile`].
///
/// # Invariants
///
/// It is an open file of a device of `T::Driver`, and its `driver_priv` is a pinned `T` from a box, which is
/// not changed until the file is closed.
#[repr(transparent)]
pub struct File<T: DriverFile>(Opaque<bindings::drm_file>, PhantomData<fn(T) -> T>);

impl<T: DriverFile> File<T> {
    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, what the type invariants say is true of it.
    pub(crate) unsafe fn from_raw<'a>(file: *mut bindings::drm_file) -> &'a Self {
        // SAFETY: `File` is a transparent wrapper, and the caller says that it is valid for so long.
        unsafe { &*file.cast() }
    }

    /// The C structure.
    pub(crate) fn as_raw(&self) -> *mut bindings::drm_file {
        self.0.get()
    }

    /// The C structure of the device whose file it is.
    pub(super) fn raw_device(&self) -> *mut bindings::drm_device {
        // SAFETY: By the type invariants it is valid, and nobody changes the field.
        let minor: *mut bindings::drm_minor = unsafe { (*self.as_raw()).minor };
        // SAFETY: A file has a minor of the device for as long as it is open, and with it the device.
        unsafe { (*minor).dev }
    }

    /// What the driver has for this file.
    pub fn inner(&self) -> Pin<&T> {
        // SAFETY: By the type invariants it is valid, and nobody changes the field.
        let inner = unsafe { (*self.as_raw()).driver_priv };
        // SAFETY: By the type invariants that is a `T`, for as long as `self` is there.
        let inner = unsafe { &*inner.cast::<T>() };
        // SAFETY: It is pinned, by the type invariants.
        unsafe { Pin::new_unchecked(inner) }
    }
}

/// Opens a file.
///
/// # Safety
///
/// For C: `dev` is a [`Device<D>`](Device) that is being registered, or has been. `file` is one of its files
/// that is being opened.
pub(super) unsafe extern "C" fn open<D: Driver>(
    dev: *mut bindings::drm_device,
    file: *mut bindings::drm_file,
) -> c_int {
    from_result(|| {
        // SAFETY: The caller says so.
        let dev = unsafe { Device::<D>::from_raw(dev) };
        let _section = Section::enter(dev).ok_or(ENODEV)?;
        if dev.is_coming() {
            return Err(EBUSY);
        }
        let inner = D::File::open(dev)?;
        // SAFETY: Nobody moves it, and `postclose` pins it again.
        let inner = KBox::into_raw(unsafe { Pin::into_inner_unchecked(inner) });
        // INVARIANT: It is from a box.
        // SAFETY: The file is nobody else's yet.
        unsafe { (*file).driver_priv = inner.cast() };
        Ok(0)
    })
}

/// Drops what the driver has for a file.
///
/// # Safety
///
/// For C: [`open`] has opened the file, and nobody uses it any more.
pub(super) unsafe extern "C" fn postclose<D: Driver>(
    _dev: *mut bindings::drm_device,
    file: *mut bindings::drm_file,
) {
    // SAFETY: The file is valid.
    let inner = unsafe { (*file).driver_priv }.cast::<D::File>();
    // SAFETY: `open` has leaked it from such a box, and nobody else has it.
    let inner = unsafe { KBox::from_raw(inner) };
    // It is dropped where it is.
    drop(KBox::into_pin(inner));
}
