// SPDX-License-Identifier: GPL-2.0

//! A device for tests and examples, which does DMA as far as the kernel knows.
//!
//! Not API.

use crate::{
    bindings,
    device::{Bound, Core, Device},
    error::to_result,
    prelude::*,
};
use core::ptr::NonNull;

/// Whether this kernel does DMA at all; if not, says so in the log.
pub fn available() -> bool {
    if cfg!(CONFIG_HAS_DMA) {
        return true;
    }
    pr_info!("skipped: a kernel without CONFIG_HAS_DMA allocates and maps nothing for devices\n");
    false
}

/// A platform device without hardware and without a driver, with a mask of 32 bits.
///
/// # Invariants
///
/// The pointer is to a platform device that is registered.
pub struct DmaDevice(NonNull<bindings::platform_device>);

impl DmaDevice {
    /// Registers a device.
    ///
    /// # Errors
    ///
    /// `EEXIST` if there is one of that name, and those of the device core.
    pub fn new(name: &CStr) -> Result<Self> {
        // SAFETY: The name ends with a zero byte, and is copied.
        let raw = unsafe {
            bindings::platform_device_alloc(name.as_char_ptr(), bindings::PLATFORM_DEVID_NONE)
        };
        let raw = NonNull::new(raw).ok_or(ENOMEM)?;
        // SAFETY: It has just been allocated.
        if let Err(error) = to_result(unsafe { bindings::platform_device_add(raw.as_ptr()) }) {
            // SAFETY: It was not added, so this is the only reference.
            unsafe { bindings::platform_device_put(raw.as_ptr()) };
            return Err(error);
        }
        // INVARIANT: It has been added.
        Ok(Self(raw))
    }

    fn raw(&self) -> *mut bindings::device {
        // SAFETY: By the type invariant it is registered.
        unsafe { &raw mut (*self.0.as_ptr()).dev }
    }

    /// The device, as if it had a driver.
    pub fn bound(&self) -> &Device<Bound> {
        // SAFETY: By the type invariant it is registered while `self` is borrowed. What is allocated
        // goes with the last reference to the device, as there is no driver.
        unsafe { Device::from_raw(self.raw()) }
    }

    /// The device, as if in a callback of its driver's.
    pub fn core(&self) -> &DmaCore<'_> {
        let device: *const bindings::device = self.raw();
        // SAFETY: As for `bound`; nobody else uses the device of a test. `DmaCore` is a transparent
        // wrapper.
        unsafe { &*device.cast() }
    }
}

impl Drop for DmaDevice {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is registered, and is not used any more.
        unsafe { bindings::platform_device_unregister(self.0.as_ptr()) };
    }
}

/// A [`DmaDevice`] in a callback.
#[repr(transparent)]
pub struct DmaCore<'a>(Device<Core<'a>>);

impl<'a> AsRef<Device<Core<'a>>> for DmaCore<'a> {
    fn as_ref(&self) -> &Device<Core<'a>> {
        &self.0
    }
}

impl<'a> super::Device<'a> for DmaCore<'a> {}
