// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![no_std]

extern crate self as kernel;

#[doc(no_inline)]
pub use kernel_sync::*;

pub mod acpi;
pub mod device;
pub mod device_id;
pub mod devres;
pub mod driver;
pub mod faux;
#[cfg(CONFIG_FW_LOADER = "y")]
pub mod firmware;
pub mod of;
#[cfg(CONFIG_SOC_BUS)]
pub mod soc;

/// What nearly every user of this crate names; meant to be imported as a whole.
pub mod prelude {
    pub use crate::{
        dev_alert, dev_crit, dev_dbg, dev_emerg, dev_err, dev_info, dev_notice, dev_warn,
    };
    #[doc(no_inline)]
    pub use kernel_sync::prelude::*;
}

/// What `pr_*` lines of this crate begin with.
#[allow(dead_code)]
const __LOG_PREFIX: &[u8] = b"kernel_device\0";
