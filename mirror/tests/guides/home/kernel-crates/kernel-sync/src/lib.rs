// SPDX-License-Identifier: GPL-2.0

//! Locks.

#![no_std]

extern crate self as kernel;

#[doc(no_inline)]
pub use kernel_core::*;

pub mod sync;

/// What users of this crate name.
pub mod prelude {
    #[doc(no_inline)]
    pub use kernel_core::prelude::*;
}
