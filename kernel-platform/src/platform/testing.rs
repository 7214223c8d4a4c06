// SPDX-License-Identifier: GPL-2.0

//! Devices and drivers for tests and examples.
//!
//! Not API.

use super::*;
use crate::{device::Bound, driver::Registration, ThisModule};
use core::ops::Deref;

/// What a driver belongs to that is built into the kernel.
// SAFETY: The pointer is null.
static BUILT_IN: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

/// Registers a driver for as long as the result exists.
///
/// # Errors
///
/// `EBUSY` if there is one of that name, and those of the driver core.
pub fn register<T: Driver + 'static>(
    name: &'static CStr,
) -> Result<Pin<KBox<Registration<Adapter<T>>>>> {
    KBox::pin_init(Registration::new(name, &BUILT_IN), GFP_KERNEL)
}

/// A platform device without hardware, which is in the system while this exists.
///
/// # Invariants
///
/// The pointer is to a platform device that is registered.
pub struct Registered(NonNull<bindings::platform_device>);

impl Registered {
    /// Registers a device without resources.
    ///
    /// # Errors
    ///
    /// `EEXIST` if there is one of that name, and those of the device core.
    pub fn new(name: &CStr) -> Result<Self> {
        Self::with_resources(name, bindings::PLATFORM_DEVID_NONE, &[])
    }

    /// Registers one of several devices of the same name.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn numbered(name: &CStr, number: u16) -> Result<Self> {
        Self::with_resources(name, number.into(), &[])
    }

    /// Registers a device with resources, whose names are static.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new), and `EBUSY` if a resource is somebody else's.
    pub fn with_resources(
        name: &CStr,
        id: c_int,
        resources: &[bindings::resource],
    ) -> Result<Self> {
        // SAFETY: The name ends with a zero byte, and is copied.
        let raw = unsafe { bindings::platform_device_alloc(name.as_char_ptr(), id) };
        let raw = NonNull::new(raw).ok_or(ENOMEM)?;
        // SAFETY: The device is not registered yet; the resources are copied.
        let mut result = to_result(unsafe {
            bindings::platform_device_add_resources(
                raw.as_ptr(),
                resources.as_ptr(),
                resources.len() as c_uint,
            )
        });
        if result.is_ok() {
            // SAFETY: It has been allocated, and is set up.
            result = to_result(unsafe { bindings::platform_device_add(raw.as_ptr()) });
        }
        if let Err(error) = result {
            // SAFETY: It was not added, so this is the only reference.
            unsafe { bindings::platform_device_put(raw.as_ptr()) };
            return Err(error);
        }
        // INVARIANT: It has been added.
        Ok(Self(raw))
    }

    fn raw_dev(&self) -> *mut bindings::device {
        (**self).as_ref().as_raw()
    }

    /// Whether a driver is bound to it.
    pub fn is_bound(&self) -> bool {
        // SAFETY: By the type invariant it is registered.
        unsafe { bindings::device_is_bound(self.raw_dev()) }
    }

    /// Takes the driver from it, if it has one.
    pub fn unbind(&self) {
        // SAFETY: By the type invariant it is registered.
        unsafe { bindings::device_release_driver(self.raw_dev()) };
    }

    /// Looks for a driver. Returns whether there is one; an error of its `probe` counts as none.
    pub fn bind(&self) -> bool {
        // SAFETY: By the type invariant it is registered.
        unsafe { bindings::device_attach(self.raw_dev()) == 1 }
    }

    /// The device, as one that a driver is bound to.
    ///
    /// # Safety
    ///
    /// A driver is bound to it while the result is borrowed, or nothing is done with it that relies on
    /// that.
    pub unsafe fn as_bound(&self) -> &Device<Bound> {
        // SAFETY: By the type invariant it is registered. The layout does not depend on the context, and
        // the caller vouches for that.
        unsafe { self.0.cast().as_ref() }
    }
}

impl Deref for Registered {
    type Target = Device;

    fn deref(&self) -> &Device {
        // SAFETY: By the type invariant it is registered while `self` is borrowed, and that has a count.
        // Its release function only frees memory. `Device` is a transparent wrapper.
        unsafe { self.0.cast().as_ref() }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is registered. Whoever has a reference keeps the memory.
        unsafe { bindings::platform_device_unregister(self.0.as_ptr()) };
    }
}
