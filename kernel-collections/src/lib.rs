// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![no_std]
#![feature(arbitrary_self_types, derive_coerce_pointee, used_with_arg)]

extern crate self as kernel;

#[doc(no_inline)]
pub use kernel_sync::*;

pub mod bitmap;
pub mod id_pool;
pub mod interop;
pub mod list;
pub mod maple_tree;
pub mod rbtree;
pub mod xarray;

/// What nearly every user of this crate names; meant to be imported as a whole.
pub mod prelude {
    #[doc(no_inline)]
    pub use kernel_sync::prelude::*;
}

/// What `pr_*` lines of this crate begin with.
#[allow(dead_code)]
const __LOG_PREFIX: &[u8] = b"kernel_collections\0";
