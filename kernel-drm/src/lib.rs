// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![no_std]

extern crate self as kernel;

#[doc(no_inline)]
pub use kernel_collections::*;

#[doc(no_inline)]
pub use kernel_device::*;

#[doc(no_inline)]
pub use kernel_workqueue::*;

#[cfg(CONFIG_DRM = "y")]
pub mod drm;

#[cfg(CONFIG_GPU_BUDDY = "y")]
pub mod gpu;

/// What nearly every user of this crate names; meant to be imported as a whole.
pub mod prelude {
    #[doc(no_inline)]
    pub use kernel_collections::prelude::*;
    #[doc(no_inline)]
    pub use kernel_device::prelude::*;
    #[doc(no_inline)]
    pub use kernel_workqueue::prelude::*;
}

/// What `pr_*` lines of this crate begin with.
#[allow(dead_code)]
const __LOG_PREFIX: &[u8] = b"kernel_drm\0";
