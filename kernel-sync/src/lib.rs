// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![no_std]
#![feature(derive_coerce_pointee, used_with_arg)]

extern crate self as kernel;

#[doc(no_inline)]
pub use kernel_core::*;

pub mod module_param;
pub mod revocable;
pub mod sync;

/// What nearly every user of this crate names; meant to be imported as a whole.
pub mod prelude {
    #[doc(no_inline)]
    pub use kernel_core::prelude::*;
}

/// What `pr_*` lines of this crate begin with.
#[allow(dead_code)]
const __LOG_PREFIX: &[u8] = b"kernel_sync\0";
