// SPDX-License-Identifier: GPL-2.0

//! The I2C bus: clients, the adapters they are on, and drivers for them.
//!
//! A client does not say who it is. So somebody has to say that there is one: the device tree, ACPI
//! tables, a driver that knows what is on its board, or who writes to `new_device` in sysfs.
//!
//! - A driver for clients implements [`Driver`], and is registered with
//!   [`module_i2c_driver!`](crate::module_i2c_driver). Its callbacks have an [`I2cClient`].
//! - A driver that knows of a client finds the [`I2cAdapter`], describes the client with an
//!   [`I2cBoardInfo`], and has it in the system for as long as a [`Registration`] exists.
//!
//! C header: [`include/linux/i2c.h`](srctree/include/linux/i2c.h), with
//! [`drivers/i2c/i2c-core-base.c`](srctree/drivers/i2c/i2c-core-base.c).

mod adapter;
mod client;
mod driver;
mod id;
mod registration;
#[cfg(CONFIG_KUNIT = "y")]
#[doc(hidden)]
pub mod testing;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use adapter::I2cAdapter;
pub use client::I2cClient;
pub use driver::{Adapter, Driver};
pub use id::{DeviceId, IdTable};
pub use registration::{I2cBoardInfo, Registration};

/// Copies a name to where C has room for it, with a zero byte after it.
///
/// `None` if it is too long.
const fn copy_name<const N: usize>(name: &core::ffi::CStr) -> Option<[crate::ffi::c_char; N]> {
    let name = name.to_bytes();
    if name.len() >= N {
        return None;
    }
    let mut copy = [0; N];
    let mut index = 0;
    while index < name.len() {
        copy[index] = name[index];
        index += 1;
    }
    Some(copy)
}
