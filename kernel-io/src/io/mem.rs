// SPDX-License-Identifier: GPL-2.0

//! Mappings of a device's memory.
//!
//! A driver gets an [`IoRequest`] from its device, and maps it. A mapping lasts for as long as the
//! device is bound to its driver, which its lifetime says; where a driver can't have lifetimes,
//! `into_devres` gives an object without one, that is revoked when the device is unbound.
//!
//! In C: [`io.h`](srctree/include/linux/io.h), and
//! [`devres.c`](srctree/lib/devres.c) for what `devm_ioremap_resource()` does

use super::{
    resource::{Flags, Region, Resource},
    Mmio, MmioRaw,
};
use crate::{
    bindings,
    device::{Bound, Device},
    prelude::*,
    str::CString,
};
use core::{ops::Deref, ptr};

/// A range of memory of a device that is bound to its driver, not mapped yet.
///
/// From `platform::Device::io_request_by_index` and `io_request_by_name`.
pub struct IoRequest<'a> {
    device: &'a Device<Bound>,
    resource: &'a Resource,
}

impl<'a> IoRequest<'a> {
    /// Makes a request for a resource of the device.
    ///
    /// Public for buses.
    ///
    /// # Safety
    ///
    /// The resource is one of the device's, and of the kind that may be mapped: what is there is no
    /// memory that Rust has references into, and access to it, by a driver of the device, does no harm
    /// to the kernel's memory.
    #[doc(hidden)]
    pub unsafe fn new(device: &'a Device<Bound>, resource: &'a Resource) -> Self {
        Self { device, resource }
    }

    /// Maps the memory.
    ///
    /// Its size is not known while building: use the methods of [`Io`](super::Io) whose names begin with
    /// `try`, or [`iomap_sized`](Self::iomap_sized) instead of this one.
    ///
    /// Others may map it, too.
    ///
    /// # Errors
    ///
    /// As for [`iomap_sized`](Self::iomap_sized).
    pub fn iomap(self) -> Result<IoMem<'a>> {
        self.iomap_sized::<0>()
    }

    /// Maps the memory, which has at least `SIZE` bytes.
    ///
    /// All of it is mapped. Others may map it, too.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if there are less than `SIZE` bytes, or none, or if the resource isn't memory.
    /// - `ENOMEM` if it can't be mapped.
    pub fn iomap_sized<const SIZE: usize>(self) -> Result<IoMem<'a, SIZE>> {
        IoMem::new(self)
    }

    /// Reserves the memory, and maps it.
    ///
    /// See [`iomap`](Self::iomap) and [`iomap_exclusive_sized`](Self::iomap_exclusive_sized).
    ///
    /// # Errors
    ///
    /// As for [`iomap_exclusive_sized`](Self::iomap_exclusive_sized).
    pub fn iomap_exclusive(self) -> Result<ExclusiveIoMem<'a, 0>> {
        self.iomap_exclusive_sized::<0>()
    }

    /// Reserves the memory, which has at least `SIZE` bytes, and maps it.
    ///
    /// Nobody who reserves before they map has it meanwhile. It is listed in `/proc/iomem`, with the
    /// name of the device, and that of the resource.
    ///
    /// # Errors
    ///
    /// - `EBUSY` if somebody has reserved a part of it.
    /// - As for [`iomap_sized`](Self::iomap_sized).
    pub fn iomap_exclusive_sized<const SIZE: usize>(self) -> Result<ExclusiveIoMem<'a, SIZE>> {
        ExclusiveIoMem::new(self)
    }

    /// Returns the size, if it is memory that is to be mapped as at least `SIZE` bytes.
    fn size<const SIZE: usize>(&self) -> Result<usize> {
        let size = usize::try_from(self.resource.size()).map_err(|_| EINVAL)?;
        if !self.resource.is_memory() || size == 0 || size < SIZE {
            return Err(EINVAL);
        }
        Ok(size)
    }
}

/// Memory of a device, mapped.
///
/// An [`Mmio`]: see there, and [`Io`](super::Io), on how to access it. `SIZE` is its least size in
/// bytes, or 0 if nothing is known while building. It is unmapped when this is dropped.
///
/// # Invariants
///
/// `raw` is about a mapping that `ioremap()` has made, of memory of the kind that [`IoRequest::new`] wants,
/// and that nobody else unmaps.
pub struct IoMem<'a, const SIZE: usize = 0> {
    raw: MmioRaw<SIZE>,
    #[expect(
        dead_code,
        reason = "it is for `into_devres`, which wants `Devres` from kernel-device"
    )]
    device: &'a Device<Bound>,
}

impl<'a, const SIZE: usize> IoMem<'a, SIZE> {
    /// Maps what is requested.
    fn new(request: IoRequest<'a>) -> Result<Self> {
        let size = request.size::<SIZE>()?;
        let start = request.resource.start();
        let nonposted = Flags::IORESOURCE_MEM_NONPOSTED;
        let address = if request.resource.flags().contains(nonposted) {
            // SAFETY: Any range may be passed; what is not to be mapped isn't, and gives null.
            unsafe { bindings::ioremap_np(start, size) }
        } else {
            // SAFETY: As above.
            unsafe { bindings::ioremap(start, size) }
        };
        if address.is_null() {
            return Err(ENOMEM);
        }
        // A mapping doesn't reach beyond the address space, and `size` has checked its size, so that this
        // does not fail.
        let raw = MmioRaw::new(address.expose_provenance(), size)?;
        // INVARIANT: It was just mapped, and whoever made the request vouches for the memory.
        Ok(Self {
            raw,
            device: request.device,
        })
    }
}

impl<const SIZE: usize> Deref for IoMem<'_, SIZE> {
    type Target = Mmio<SIZE>;

    fn deref(&self) -> &Self::Target {
        // SAFETY: By the type invariant it is mapped until `self` is dropped, and is memory that may be
        // accessed.
        unsafe { Mmio::from_raw(&self.raw) }
    }
}

impl<const SIZE: usize> Drop for IoMem<'_, SIZE> {
    fn drop(&mut self) {
        let address = ptr::with_exposed_provenance_mut(self.raw.addr());
        // SAFETY: By the type invariant `ioremap()` returned it, and nobody else unmaps it. Whoever
        // accesses it borrows `self`.
        unsafe { bindings::iounmap(address) };
    }
}

/// Memory of a device, reserved and mapped.
///
/// As [`IoMem`], and nobody else has reserved it meanwhile. It is unmapped and released when this is
/// dropped.
pub struct ExclusiveIoMem<'a, const SIZE: usize> {
    // Dropped first: what is released must not be mapped any more.
    iomem: IoMem<'a, SIZE>,
    _region: Region<'static>,
}

impl<'a, const SIZE: usize> ExclusiveIoMem<'a, SIZE> {
    /// Reserves and maps what is requested.
    fn new(request: IoRequest<'a>) -> Result<Self> {
        request.size::<SIZE>()?;
        let resource = request.resource;
        let device = request.device.name();
        let name = match resource.name() {
            Some(name) => CString::try_from_fmt(fmt!("{device} {name}"))?,
            None => CString::try_from_fmt(fmt!("{device}"))?,
        };
        // From the root, as C does it: the resource is not in the tree for sure.
        let region = Resource::all_memory()
            .request_region(
                resource.start(),
                resource.size(),
                name,
                Flags::IORESOURCE_MEM,
            )
            .ok_or(EBUSY)?;
        Ok(Self {
            iomem: IoMem::new(request)?,
            _region: region,
        })
    }
}

impl<const SIZE: usize> Deref for ExclusiveIoMem<'_, SIZE> {
    type Target = Mmio<SIZE>;

    fn deref(&self) -> &Self::Target {
        &self.iomem
    }
}
