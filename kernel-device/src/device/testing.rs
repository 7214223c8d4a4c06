// SPDX-License-Identifier: GPL-2.0

//! A device for tests and examples.
//!
//! Not API.

use super::Device;
use crate::{bindings, error::from_err_ptr, prelude::*};
use core::{ops::Deref, ptr};

/// A device without hardware and without a driver, which is in the system while this exists.
///
/// C counterpart: `root_device_register()`.
///
/// # Invariants
///
/// The pointer is to a device that `__root_device_register` has made, and that is registered.
pub struct RootDevice(*mut bindings::device);

impl RootDevice {
    /// Registers a device.
    ///
    /// # Errors
    ///
    /// `EEXIST` if there is one of that name, and those of the device core.
    pub fn new(name: &CStr) -> Result<Self> {
        // SAFETY: The name ends with a zero byte, and is copied. The owner may be null: then there
        // is none in sysfs.
        let device =
            unsafe { bindings::__root_device_register(name.as_char_ptr(), ptr::null_mut()) };
        // INVARIANT: It is not an error, so it has been made and registered.
        Ok(Self(from_err_ptr(device)?))
    }
}

impl Deref for RootDevice {
    type Target = Device;

    fn deref(&self) -> &Device {
        // SAFETY: By the type invariant it is registered, for as long as `self` is borrowed; and
        // that has a count. Its release function only frees memory.
        unsafe { Device::from_raw(self.0) }
    }
}

impl AsRef<Device> for RootDevice {
    fn as_ref(&self) -> &Device {
        self
    }
}

impl Drop for RootDevice {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is registered. Whoever has a reference keeps the memory.
        unsafe { bindings::root_device_unregister(self.0) };
    }
}
