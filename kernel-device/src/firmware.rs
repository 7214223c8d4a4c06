// SPDX-License-Identifier: GPL-2.0

//! Firmware: files that a driver hands to its device.
//!
//! The kernel looks for them in what it was built with (`CONFIG_EXTRA_FIRMWARE`) and in
//! `/lib/firmware`. A driver [requests](Firmware::request) one by its path there, and has the
//! [bytes](Firmware::data).
//!
//! What a module may ask for stands in the module, so that tools put the files into an initial
//! ramdisk: `firmware` in [`module!`](macro@crate::prelude::module) if it is a few, or
//! [`module_firmware!`] if the names are to be computed.
//!
//! C header: [`include/linux/firmware.h`](srctree/include/linux/firmware.h)
//!
//! [`module_firmware!`]: crate::module_firmware

use crate::{bindings, device::Device, error::to_result, prelude::*};
use core::{
    ptr::{self, NonNull},
    slice,
};

mod modinfo;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use modinfo::ModInfoBuilder;

/// What C has for a request.
type RequestFn = unsafe extern "C" fn(
    *mut *const bindings::firmware,
    *const c_char,
    *mut bindings::device,
) -> c_int;

/// A firmware file, in memory for as long as this exists.
///
/// C counterpart: [`struct firmware`], with `release_firmware()`.
///
/// # Examples
///
/// ```
/// use kernel::{device::Device, firmware::Firmware};
///
/// /// Says how much there is to be uploaded; nothing for a device that does without.
/// fn upload_size(dev: &Device, name: &CStr) -> Result<usize> {
///     match Firmware::request_nowarn(name, dev) {
///         Ok(firmware) if firmware.size() > 0x8000 => Err(EFBIG),
///         Ok(firmware) => Ok(firmware.data().len()),
///         Err(ENOENT) => Ok(0),
///         Err(error) => Err(error),
///     }
/// }
///
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_firmware")?;
/// # let dev = &*root;
/// assert_eq!(upload_size(dev, c"rust-doc/none.bin"), Ok(0));
/// assert_eq!(upload_size(dev, c"../shadow"), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The pointer is to a firmware that a request has returned, and that is not released.
///
/// [`struct firmware`]: srctree/include/linux/firmware.h
pub struct Firmware(NonNull<bindings::firmware>);

impl Firmware {
    fn request_by(request: RequestFn, name: &CStr, dev: &Device) -> Result<Self> {
        let mut firmware = ptr::null();
        // SAFETY: `request` is one of the functions named below, as this is private. There is room for
        // the result; the name ends with a zero byte, and the device is counted.
        to_result(unsafe { request(&mut firmware, name.as_char_ptr(), dev.as_raw()) })?;
        // INVARIANT: Without an error a firmware is returned, to be released by its owner.
        NonNull::new(firmware.cast_mut()).map(Self).ok_or(EINVAL)
    }

    /// Requests a file for the device, and waits for it.
    ///
    /// `name` is relative to the directories with firmware, and has no component `..`. Where user space
    /// provides firmware (`CONFIG_FW_LOADER_USER_HELPER_FALLBACK`), it is asked if there is no such
    /// file, for up to a minute.
    ///
    /// For a device that is bound, or being bound. Where the kernel caches firmware over a suspend
    /// (`CONFIG_FW_CACHE`), it leaves the name with the device until that is unbound: a device without a
    /// driver gets none any more, with `EBUSY`. So it is not for `match_phy_device`, or the like.
    ///
    /// To be called where sleeping is allowed. C counterpart: `request_firmware()`.
    ///
    /// # Errors
    ///
    /// - `ENOENT` without such a file. The log says so.
    /// - `EINVAL` for a name that is empty or has a component `..`, and for an empty file.
    /// - `EFBIG`, `EIO` and what else the reading of a file can end with.
    /// - `ENAMETOOLONG` for a name that makes no path.
    /// - `ENOMEM` without memory.
    pub fn request(name: &CStr, dev: &Device) -> Result<Self> {
        Self::request_by(bindings::request_firmware, name, dev)
    }

    /// As [`request`](Self::request), without a line in the log if there is no such file.
    ///
    /// For firmware that a device may do without. User space is asked as well. C counterpart:
    /// `firmware_request_nowarn()`.
    ///
    /// The device is bound, or being bound: with `CONFIG_FW_CACHE` the name stays with one without a driver,
    /// which gets none any more, as [there](Self::request).
    ///
    /// # Errors
    ///
    /// Those of [`request`](Self::request).
    pub fn request_nowarn(name: &CStr, dev: &Device) -> Result<Self> {
        Self::request_by(bindings::firmware_request_nowarn, name, dev)
    }

    /// How many bytes it has.
    pub fn size(&self) -> usize {
        // SAFETY: By the type invariant it is a firmware, which does not change.
        unsafe { (*self.0.as_ptr()).size }
    }

    /// The bytes.
    pub fn data(&self) -> &[u8] {
        // SAFETY: By the type invariant it is a firmware, which does not change.
        let data = unsafe { (*self.0.as_ptr()).data };
        if data.is_null() {
            // One without bytes need not have a place for them.
            return &[];
        }
        // SAFETY: A firmware has so many bytes there, mapped, and nobody writes to them until it is
        // released, which the borrow precedes.
        unsafe { slice::from_raw_parts(data, self.size()) }
    }
}

impl Drop for Firmware {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is not released yet, and it is not used any more.
        unsafe { bindings::release_firmware(self.0.as_ptr()) };
    }
}

// SAFETY: A firmware belongs to no thread: any may release it.
unsafe impl Send for Firmware {}

// SAFETY: Shared references only read, and nobody writes.
unsafe impl Sync for Firmware {}
