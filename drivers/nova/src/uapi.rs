// SPDX-License-Identifier: GPL-2.0

//! The ioctls, as user space knows them: those of `include/uapi/drm/nova_drm.h`.
//!
//! As for all of DRM's ioctls, the size that user space names may be another than that of the structure:
//! what it does not bring is zero, and what it has no room for it does not get.

pub(crate) use kernel::uapi::{
    drm_nova_gem_create as GemCreate, drm_nova_gem_info as GemInfo, drm_nova_getparam as GetParam,
};

/// The size of the BAR through which the CPU sees the GPU's memory, in bytes.
///
/// The header's numbers are of 32 bits, the field is of 64.
pub(crate) const VRAM_BAR_SIZE: u64 = kernel::uapi::NOVA_GETPARAM_VRAM_BAR_SIZE as u64;
