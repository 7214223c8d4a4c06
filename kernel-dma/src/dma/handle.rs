// SPDX-License-Identifier: GPL-2.0

//! Memory for a device alone.

use super::{allocation::Allocation, Attrs, DmaAddress};
use crate::{
    alloc::Flags,
    bindings,
    device::{Bound, Device},
    prelude::*,
};

/// Memory that only the device accesses: the CPU need not even have it mapped.
///
/// It is to be dropped before the driver is unbound, where sleeping is allowed.
///
/// C counterpart: `dma_alloc_attrs()` with `DMA_ATTR_NO_KERNEL_MAPPING`.
///
/// # Examples
///
/// ```
/// use kernel::{device::{Bound, Device}, dma::CoherentHandle, page::PAGE_SIZE};
///
/// /// Where the device puts what nobody is going to read.
/// fn scratch(dev: &Device<Bound>) -> Result<CoherentHandle> {
///     CoherentHandle::alloc(dev, 2 * PAGE_SIZE, GFP_KERNEL)
/// }
///
/// # if !kernel::dma::testing::available() { return Ok(()); }
/// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_handle")?;
/// let scratch = scratch(dev.bound())?;
/// assert_eq!(scratch.size(), 2 * PAGE_SIZE);
/// assert_eq!(scratch.dma_handle() as usize % PAGE_SIZE, 0);
/// # Ok::<(), Error>(())
/// ```
pub struct CoherentHandle {
    allocation: Allocation,
}

impl CoherentHandle {
    /// Allocates `size` bytes, as [`alloc_with_attrs`](Self::alloc_with_attrs) does without
    /// attributes.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn alloc(dev: &Device<Bound>, size: usize, gfp_flags: Flags) -> Result<Self> {
        Self::alloc_with_attrs(dev, size, gfp_flags, Attrs::default())
    }

    /// Allocates `size` bytes. Where the CPU does not have them, they are what they were before: the
    /// device gets to see it.
    ///
    /// # Errors
    ///
    /// - `EINVAL` for no bytes at all.
    /// - `EOVERFLOW` if there is no room for so many in the address space.
    /// - `EIO` if the device has no mask: it does no DMA.
    /// - `ENOMEM` without memory at an address that the device can have.
    pub fn alloc_with_attrs(
        dev: &Device<Bound>,
        size: usize,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        let attrs = dma_attrs.as_raw() | bindings::DMA_ATTR_NO_KERNEL_MAPPING as c_ulong;
        let allocation = Allocation::new(dev, size, gfp_flags, attrs)?;
        Ok(Self { allocation })
    }

    /// Where the device has the memory: what to tell it.
    #[inline]
    pub fn dma_handle(&self) -> DmaAddress {
        self.allocation.handle()
    }

    /// How many bytes there are.
    #[inline]
    pub fn size(&self) -> usize {
        self.allocation.size()
    }
}
