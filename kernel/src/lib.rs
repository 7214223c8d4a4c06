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

#[cfg(feature = "task")]
#[doc(no_inline)]
pub use kernel_task::*;

/// What nearly every driver names; meant to be imported as a whole.
pub mod prelude {
    #[doc(no_inline)]
    pub use kernel_core::prelude::*;
    #[cfg(feature = "mm")]
    #[doc(no_inline)]
    pub use kernel_mm::prelude::*;
    #[cfg(feature = "sync")]
    #[doc(no_inline)]
    pub use kernel_sync::prelude::*;
    #[cfg(feature = "task")]
    #[doc(no_inline)]
    pub use kernel_task::prelude::*;
}
