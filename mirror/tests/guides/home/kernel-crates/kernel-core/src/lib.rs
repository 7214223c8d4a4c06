// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![no_std]

extern crate self as kernel;

pub mod error;
pub mod print;
pub mod types;

/// What users of this crate name.
pub mod prelude {
    pub use crate::error::Error;
}
