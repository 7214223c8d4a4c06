// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![no_std]
#![feature(used_with_arg)]

extern crate self as kernel;

pub use ffi;
pub use macros;

pub mod error;
/// Text.
#[cfg(CONFIG_PRINTK)]
pub mod print;
// Only for its neighbours.
#[doc(hidden)]
pub mod types; // and theirs

pub use types::Opaque;

/// What users of this crate name.
pub mod prelude {
    #[doc(no_inline)]
    pub use core::{mem::size_of, pin::Pin};
    pub use crate::{error::{code::*, Result, Error}, pr_info};
    // Only where there is printing.
    #[cfg(CONFIG_PRINTK)]
    pub use crate::print::Console;
}

/// What lines begin with.
#[allow(dead_code)]
const __LOG_PREFIX: &[u8] = b"kernel_core\0";
