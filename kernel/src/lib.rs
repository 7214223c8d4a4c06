// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![no_std]

// In the order of their levels: each adds names to those of the ones before, or the compiler calls it
// unused.

#[doc(no_inline)]
pub use kernel_core::*;

#[cfg(feature = "sync")]
#[doc(no_inline)]
pub use kernel_sync::*;

#[cfg(feature = "mm")]
#[doc(no_inline)]
pub use kernel_mm::*;

#[cfg(feature = "collections")]
#[doc(no_inline)]
pub use kernel_collections::*;

#[cfg(feature = "time")]
#[doc(no_inline)]
pub use kernel_time::*;

#[cfg(feature = "configfs")]
#[doc(no_inline)]
pub use kernel_configfs::*;

#[cfg(feature = "device")]
#[doc(no_inline)]
pub use kernel_device::*;

#[cfg(feature = "task")]
#[doc(no_inline)]
pub use kernel_task::*;

#[cfg(feature = "workqueue")]
#[doc(no_inline)]
pub use kernel_workqueue::*;

#[cfg(feature = "fs")]
#[doc(no_inline)]
pub use kernel_fs::*;

#[cfg(feature = "debugfs")]
#[doc(no_inline)]
pub use kernel_debugfs::*;

#[cfg(feature = "miscdevice")]
#[doc(no_inline)]
pub use kernel_miscdevice::*;

/// What nearly every driver names; meant to be imported as a whole.
pub mod prelude {
    #[cfg(feature = "collections")]
    #[doc(no_inline)]
    pub use kernel_collections::prelude::*;
    #[cfg(feature = "configfs")]
    #[doc(no_inline)]
    pub use kernel_configfs::prelude::*;
    #[doc(no_inline)]
    pub use kernel_core::prelude::*;
    #[cfg(feature = "debugfs")]
    #[doc(no_inline)]
    pub use kernel_debugfs::prelude::*;
    #[cfg(feature = "device")]
    #[doc(no_inline)]
    pub use kernel_device::prelude::*;
    #[cfg(feature = "fs")]
    #[doc(no_inline)]
    pub use kernel_fs::prelude::*;
    #[cfg(feature = "miscdevice")]
    #[doc(no_inline)]
    pub use kernel_miscdevice::prelude::*;
    #[cfg(feature = "mm")]
    #[doc(no_inline)]
    pub use kernel_mm::prelude::*;
    #[cfg(feature = "sync")]
    #[doc(no_inline)]
    pub use kernel_sync::prelude::*;
    #[cfg(feature = "task")]
    #[doc(no_inline)]
    pub use kernel_task::prelude::*;
    #[cfg(feature = "time")]
    #[doc(no_inline)]
    pub use kernel_time::prelude::*;
    #[cfg(feature = "workqueue")]
    #[doc(no_inline)]
    pub use kernel_workqueue::prelude::*;
}
