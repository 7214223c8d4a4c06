// SPDX-License-Identifier: GPL-2.0

//! The USB bus: interfaces of devices, and drivers for them.
//!
//! A USB device has interfaces, each for one of its functions, and a driver is bound to an interface.
//! It implements [`Driver`], names the devices or functions that it knows in a table of [`DeviceId`]s,
//! and is registered with [`module_usb_driver!`](crate::module_usb_driver). Its callbacks have an
//! [`Interface`].
//!
//! C header: [`include/linux/usb.h`](srctree/include/linux/usb.h), with
//! [`drivers/usb/core/driver.c`](srctree/drivers/usb/core/driver.c).

mod driver;
mod id;
mod interface;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use driver::{Adapter, Driver};
pub use id::{DeviceId, IdTable};
pub use interface::Interface;
