// SPDX-License-Identifier: GPL-2.0

//! The memory that a device's registers are in.

use super::*;
use crate::{
    device::Bound,
    io::{mem::IoRequest, resource::Resource},
};

impl<Ctx: DeviceContext> Device<Ctx> {
    /// The memory resource with that number, counted from 0.
    ///
    /// C counterpart: `platform_get_resource()` with `IORESOURCE_MEM`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::platform;
    ///
    /// fn length(pdev: &platform::Device) -> Result<u64> {
    ///     Ok(pdev.resource_by_index(0).ok_or(ENODEV)?.size().into())
    /// }
    ///
    /// # let pdev = platform::testing::Registered::new(c"rust_doc_resource")?;
    /// assert_eq!(length(&pdev), Err(ENODEV));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn resource_by_index(&self, index: u32) -> Option<&Resource> {
        // SAFETY: By the type invariants the device is valid.
        let resource = unsafe {
            bindings::platform_get_resource(self.as_raw(), bindings::IORESOURCE_MEM, index)
        };
        // SAFETY: It is a resource of the device's.
        unsafe { self.resource(resource) }
    }

    /// The memory resource with that name.
    ///
    /// C counterpart: `platform_get_resource_byname()` with `IORESOURCE_MEM`.
    pub fn resource_by_name(&self, name: &CStr) -> Option<&Resource> {
        // SAFETY: By the type invariants the device is valid; the name is a string.
        let resource = unsafe {
            bindings::platform_get_resource_byname(
                self.as_raw(),
                bindings::IORESOURCE_MEM,
                name.as_char_ptr(),
            )
        };
        // SAFETY: It is a resource of the device's.
        unsafe { self.resource(resource) }
    }

    /// Takes C's structure for a reference, unless it is null.
    ///
    /// # Safety
    ///
    /// `resource` is null, or a resource of this device's.
    unsafe fn resource(&self, resource: *mut bindings::resource) -> Option<&Resource> {
        let resource = NonNull::new(resource)?;
        // SAFETY: The device has its resources until the last reference to it is gone, and nobody
        // changes them once it is registered.
        Some(unsafe { Resource::from_raw(resource.as_ptr()) })
    }
}

impl Device<Bound> {
    /// What it takes to map the memory resource with that number, counted from 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, platform};
    ///
    /// /// Reads the register that says which chip this is.
    /// fn chip(pdev: &platform::Device<Bound>) -> Result<u32> {
    ///     let registers = pdev.io_request_by_index(0).ok_or(ENODEV)?.iomap_sized::<16>()?;
    ///     use kernel::io::Io;
    ///     Ok(registers.read32(0))
    /// }
    ///
    /// # let pdev = platform::testing::Registered::new(c"rust_doc_io_request")?;
    /// # // SAFETY: Nothing here relies on the driver, which there is not.
    /// # let pdev = unsafe { pdev.as_bound() };
    /// assert_eq!(chip(pdev), Err(ENODEV));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn io_request_by_index(&self, index: u32) -> Option<IoRequest<'_>> {
        let resource = self.resource_by_index(index)?;
        // SAFETY: It is a memory resource of this device's, whose driver is the one to map it.
        Some(unsafe { IoRequest::new(self.as_ref(), resource) })
    }

    /// What it takes to map the memory resource with that name.
    pub fn io_request_by_name(&self, name: &CStr) -> Option<IoRequest<'_>> {
        let resource = self.resource_by_name(name)?;
        // SAFETY: As in `io_request_by_index`.
        Some(unsafe { IoRequest::new(self.as_ref(), resource) })
    }
}
