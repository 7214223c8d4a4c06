// SPDX-License-Identifier: GPL-2.0

//! Memory of a device's, whatever the CPU may do with it.

use super::DmaAddress;
use crate::{
    alloc::Flags,
    bindings,
    device::{Bound, Device},
    devres::Devres,
    prelude::*,
    sync::{
        aref::ARef,
        atomic::{Acquire, Atomic, Release},
    },
};
use core::ptr::NonNull;

/// Memory that the device core has allocated for a device.
///
/// # Invariants
///
/// `cpu`, `handle` and `size` are those of the allocation that `owner` has. It is not freed before
/// this is dropped.
pub(super) struct Allocation {
    cpu: NonNull<c_void>,
    handle: DmaAddress,
    size: usize,
    owner: Devres<Owner>,
}

impl Allocation {
    /// Allocates `size` bytes, which are zero, at the beginning of a page.
    ///
    /// With `DMA_ATTR_NO_KERNEL_MAPPING` in `attrs`, [`cpu`](Self::cpu) is no address, and they may be
    /// anything.
    ///
    /// # Errors
    ///
    /// - `EINVAL` for no bytes at all.
    /// - `EOVERFLOW` for more than there is room for in the address space.
    /// - `EIO` if the device has no mask, so that no address is one that it can have.
    /// - `ENOMEM` without memory at such addresses.
    pub(super) fn new(
        dev: &Device<Bound>,
        size: usize,
        flags: Flags,
        attrs: c_ulong,
    ) -> Result<Self> {
        if size == 0 {
            return Err(EINVAL);
        }
        if isize::try_from(size).is_err() {
            return Err(EOVERFLOW);
        }
        // SAFETY: The device is valid, as it comes from a reference. Who sets the mask keeps others
        // from allocating.
        if unsafe { (*dev.as_raw()).coherent_dma_mask } == 0 {
            return Err(EIO);
        }

        let mut handle = 0;
        // SAFETY: The device is valid and bound, and `handle` is a place for the address.
        let cpu = unsafe {
            bindings::dma_alloc_attrs(
                dev.as_raw(),
                size,
                &mut handle,
                flags.as_raw() | bindings::__GFP_ZERO,
                attrs,
            )
        };
        let cpu = NonNull::new(cpu).ok_or(ENOMEM)?;

        // INVARIANT: It has just been allocated with these. If there is an error below, the owner
        // frees it, as it does not know of a user.
        let owner = Owner {
            dev: dev.into(),
            cpu,
            handle,
            size,
            attrs,
            used: Atomic::new(false),
        };
        let owner = Devres::new(dev, owner)?;
        owner.access(dev)?.used.store(true, Release);

        // INVARIANT: They are the owner's, who frees nothing that is used.
        Ok(Self {
            cpu,
            handle,
            size,
            owner,
        })
    }

    /// Where the CPU has the memory.
    #[inline]
    pub(super) fn cpu(&self) -> NonNull<c_void> {
        self.cpu
    }

    /// Where the device has the memory.
    #[inline]
    pub(super) fn handle(&self) -> DmaAddress {
        self.handle
    }

    /// How many bytes there are.
    #[inline]
    pub(super) fn size(&self) -> usize {
        self.size
    }
}

impl Drop for Allocation {
    fn drop(&mut self) {
        // Without a driver there is no owner any more; what was allocated then is lost already.
        self.owner
            .try_access_with(|owner| owner.used.store(false, Release));
    }
}

// SAFETY: Any thread may free the memory; what is done with it is up to the types around this.
unsafe impl Send for Allocation {}

// SAFETY: Shared references only read what is set up once.
unsafe impl Sync for Allocation {}

/// What frees the memory.
///
/// The device core takes it away when the driver is unbound, as the mappings that belong to the memory
/// end there. If the memory is in use then, it is never freed, as there is nobody to free it later:
/// `dma_free_attrs` wants the device as it was.
///
/// # Invariants
///
/// `dma_alloc_attrs` has returned `cpu` and `handle` for `dev`, `size` and `attrs`, and this owns the
/// memory, unless `used` is set.
struct Owner {
    dev: ARef<Device>,
    cpu: NonNull<c_void>,
    handle: DmaAddress,
    size: usize,
    attrs: c_ulong,
    /// There is an [`Allocation`] for it.
    used: Atomic<bool>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Whatever the user did with the memory was before it said that it is done.
        if self.used.load(Acquire) {
            dev_warn!(
                self.dev,
                "{} bytes of DMA memory are used beyond the driver, and lost\n",
                self.size
            );
            return;
        }
        // SAFETY: By the type invariant, these are what the memory was allocated with, and nobody
        // uses it. The device core drops this before it takes the driver from the device.
        unsafe {
            bindings::dma_free_attrs(
                self.dev.as_raw(),
                self.size,
                self.cpu.as_ptr(),
                self.handle,
                self.attrs,
            )
        };
    }
}

// SAFETY: Any thread may free the memory.
unsafe impl Send for Owner {}

// SAFETY: Shared references only reach the atomic.
unsafe impl Sync for Owner {}
