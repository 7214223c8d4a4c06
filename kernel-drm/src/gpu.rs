// SPDX-License-Identifier: GPL-2.0

//! What drivers of GPUs share, whether or not they are DRM drivers.
//!
//! - [`buddy`]: an allocator for address ranges, such as the memory of a graphics card.

pub mod buddy;
