// SPDX-License-Identifier: GPL-2.0

//! What a mapping allows, and what is behind it: to be combined with `|`.

use crate::bindings;

/// The device may read.
pub const READ: u32 = bindings::IOMMU_READ;

/// The device may write.
pub const WRITE: u32 = bindings::IOMMU_WRITE;

/// The accesses go through the CPU's caches.
pub const CACHE: u32 = bindings::IOMMU_CACHE;

/// The device may not execute.
pub const NOEXEC: u32 = bindings::IOMMU_NOEXEC;

/// There are registers behind it, not memory.
pub const MMIO: u32 = bindings::IOMMU_MMIO;

/// Only privileged accesses are allowed.
pub const PRIVILEGED: u32 = bindings::IOMMU_PRIV;
