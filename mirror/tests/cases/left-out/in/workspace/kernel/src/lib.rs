// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![no_std]

#[doc(no_inline)]
pub use kernel_core::*;
#[cfg(feature = "sync")]
#[doc(no_inline)]
pub use kernel_sync::*;
#[cfg(feature = "task")]
#[doc(no_inline)]
pub use kernel_task::*;

/// What drivers name.
pub mod prelude {
    #[doc(no_inline)]
    pub use kernel_core::prelude::*;
    #[cfg(feature = "sync")]
    #[doc(no_inline)]
    pub use kernel_sync::prelude::*;
    #[cfg(feature = "task")]
    #[doc(no_inline)]
    pub use kernel_task::prelude::*;
}
