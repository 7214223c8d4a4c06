// SPDX-License-Identifier: GPL-2.0

//! I/O memory management units: what gives a device addresses of its own.
//!
//! - [`pgtable`]: the page tables that such hardware walks.
//!
//! C header: [`include/linux/iommu.h`](srctree/include/linux/iommu.h).

pub mod pgtable;
