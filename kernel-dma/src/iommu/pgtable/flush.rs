// SPDX-License-Identifier: GPL-2.0

//! What C calls when the hardware should forget parts of a table.

use crate::{bindings, prelude::*};

/// `IO_PGTABLE_QUIRK_ARM_TTBR1`, which bindgen does not see: the table is for the upper end of all
/// addresses.
pub(super) const QUIRK_ARM_TTBR1: usize = 1 << 5;

/// Callbacks that do nothing: the driver knows when it unmaps.
pub(super) static NOTHING: bindings::iommu_flush_ops = bindings::iommu_flush_ops {
    tlb_flush_all: Some(all_callback),
    tlb_flush_walk: Some(walk_callback),
    tlb_add_page: None,
};

/// Called when the table is freed; nobody uses it then.
extern "C" fn all_callback(_cookie: *mut c_void) {}

/// Called when tables of tables go, with the lock of nobody: the driver unmaps.
extern "C" fn walk_callback(_iova: usize, _size: usize, _granule: usize, _cookie: *mut c_void) {}
