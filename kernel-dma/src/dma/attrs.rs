// SPDX-License-Identifier: GPL-2.0

//! The members of [`Attrs`].
//!
//! They are described in [`Documentation/core-api/dma-attributes.rst`], and most are hints that an
//! architecture may ignore. C has some more: among those that are left out,
//! `DMA_ATTR_NO_KERNEL_MAPPING` is what makes a [`CoherentHandle`](super::CoherentHandle).
//!
//! [`Documentation/core-api/dma-attributes.rst`]: srctree/Documentation/core-api/dma-attributes.rst

use super::Attrs;
use crate::bindings;

/// Accesses by the device may pass each other.
pub const DMA_ATTR_WEAK_ORDERING: Attrs = Attrs(bindings::DMA_ATTR_WEAK_ORDERING);

/// Writes by the CPU may be collected before they reach memory.
pub const DMA_ATTR_WRITE_COMBINE: Attrs = Attrs(bindings::DMA_ATTR_WRITE_COMBINE);

/// Mapping does not hand the memory over between CPU and device: that is done elsewhere.
pub const DMA_ATTR_SKIP_CPU_SYNC: Attrs = Attrs(bindings::DMA_ATTR_SKIP_CPU_SYNC);

/// The memory is in one piece physically too, even behind an IOMMU.
pub const DMA_ATTR_FORCE_CONTIGUOUS: Attrs = Attrs(bindings::DMA_ATTR_FORCE_CONTIGUOUS);

/// It is not worth the effort to get large pages for a faster IOMMU.
pub const DMA_ATTR_ALLOC_SINGLE_PAGES: Attrs = Attrs(bindings::DMA_ATTR_ALLOC_SINGLE_PAGES);

/// Nothing is printed when memory is short.
pub const DMA_ATTR_NO_WARN: Attrs = Attrs(bindings::DMA_ATTR_NO_WARN);

/// The device accesses the memory with privilege, and less privileged accesses may be refused.
pub const DMA_ATTR_PRIVILEGED: Attrs = Attrs(bindings::DMA_ATTR_PRIVILEGED);

/// What is mapped are the registers of a device, not memory.
pub const DMA_ATTR_MMIO: Attrs = Attrs(bindings::DMA_ATTR_MMIO);

/// All of the above.
pub(super) const ALL: Attrs = Attrs(
    DMA_ATTR_WEAK_ORDERING.0
        | DMA_ATTR_WRITE_COMBINE.0
        | DMA_ATTR_SKIP_CPU_SYNC.0
        | DMA_ATTR_FORCE_CONTIGUOUS.0
        | DMA_ATTR_ALLOC_SINGLE_PAGES.0
        | DMA_ATTR_NO_WARN.0
        | DMA_ATTR_PRIVILEGED.0
        | DMA_ATTR_MMIO.0,
);
