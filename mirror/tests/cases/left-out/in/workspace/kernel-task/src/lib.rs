// SPDX-License-Identifier: GPL-2.0

//! Tasks.

#![no_std]

extern crate self as kernel;

#[doc(no_inline)]
pub use kernel_sync::*;

pub mod task;

/// What users of this crate name.
pub mod prelude {
    pub use crate::current;
    #[doc(no_inline)]
    pub use kernel_sync::prelude::*;
}
