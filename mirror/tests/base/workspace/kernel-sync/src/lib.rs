// SPDX-License-Identifier: GPL-2.0

//! Locks.

#![no_std]
#![feature(derive_coerce_pointee, used_with_arg)]

extern crate self as kernel;

#[doc(no_inline)]
pub use kernel_core::*;

pub mod sync;

/// What users of this crate name.
pub mod prelude {
    pub use crate::sync::Arc;
    #[doc(no_inline)]
    pub use kernel_core::prelude::*;
}
