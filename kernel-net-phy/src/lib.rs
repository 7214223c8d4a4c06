// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![no_std]

extern crate self as kernel;

#[doc(no_inline)]
pub use kernel_device::*;

#[cfg(CONFIG_NET)]
pub mod net;

/// What nearly every user of this crate names; meant to be imported as a whole.
pub mod prelude {
    #[doc(no_inline)]
    pub use kernel_device::prelude::*;
}

/// What `pr_*` lines of this crate begin with.
#[allow(dead_code)]
const __LOG_PREFIX: &[u8] = b"kernel_net_phy\0";
