// SPDX-License-Identifier: GPL-2.0

//! Devices that stand for nothing, for what needs a device to hang on.
//!
//! On the C side this is [`include/linux/device/faux.h`] with [`drivers/base/faux.c`].
//!
//! [`include/linux/device/faux.h`]: srctree/include/linux/device/faux.h
//! [`drivers/base/faux.c`]: srctree/drivers/base/faux.c

use crate::{bindings, device, prelude::*};
use core::ptr::{self, NonNull};

#[cfg(CONFIG_KUNIT = "y")]
mod tests;

/// A faux device, which is there from when this is made to when it is dropped.
///
/// It is bound, to a driver of the faux bus that does nothing.
///
/// C counterpart: `struct faux_device`.
///
/// # Examples
///
/// ```
/// use kernel::faux;
///
/// let device = faux::Registration::new(c"rust_doc_faux", None)?;
/// dev_info!(device, "is there\n");
/// assert_eq!(device.as_ref().name(), c"rust_doc_faux");
///
/// // It can be what another one hangs on.
/// let child = faux::Registration::new(c"rust_doc_faux_child", Some(device.as_ref()))?;
/// # drop(child);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `self.0` is a faux device that `faux_device_create()` has made, and this value owns it.
pub struct Registration(NonNull<bindings::faux_device>);

// SAFETY: A faux device may be destroyed in any task.
unsafe impl Send for Registration {}

// SAFETY: What can be done with a shared reference is to use the device, which is `Sync`.
unsafe impl Sync for Registration {}

impl Registration {
    /// Makes a faux device with a name, below `parent` or on its own.
    ///
    /// # Errors
    ///
    /// `ENODEV` when there is no memory, or there is a faux device of that name: C does not tell.
    pub fn new(name: &CStr, parent: Option<&device::Device>) -> Result<Self> {
        let parent = parent.map_or(ptr::null_mut(), device::Device::as_raw);
        // SAFETY: The name ends with a zero and is copied; the parent is null or a device, of which a
        // reference is taken; and there need not be any operations.
        let device =
            unsafe { bindings::faux_device_create(name.as_char_ptr(), parent, ptr::null()) };
        // INVARIANT: It was made for us.
        NonNull::new(device).map(Self).ok_or(ENODEV)
    }
}

impl AsRef<device::Device> for Registration {
    fn as_ref(&self) -> &device::Device {
        // SAFETY: The pointer is valid, by the type invariants.
        let dev = unsafe { &raw mut (*self.0.as_ptr()).dev };
        // SAFETY: The device is initialised, and counted for as long as `self` is there. The faux bus
        // releases it by `kfree()`, which may be called in any task.
        unsafe { device::Device::from_raw(dev) }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: The device is ours, by the type invariants, and nobody uses `self` any more.
        unsafe { bindings::faux_device_destroy(self.0.as_ptr()) };
    }
}
