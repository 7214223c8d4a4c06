// SPDX-License-Identifier: GPL-2.0

//! Network PHYs: the chips between a network controller and the cable, and drivers for them.
//!
//! A PHY hangs on a management bus, MDIO, over which its registers are read and written, and the kernel's
//! PHY library moves it from state to state. A driver says where a PHY differs from what the standard,
//! IEEE 802.3, makes of it:
//!
//! - It implements [`Driver`] with `#[vtable]`. What it does not implement, the library does as for any
//!   PHY. It has no state of its own: all is in the registers, and in the [`Device`].
//! - Its callbacks have a [`Device`], and reach its registers by [`Device::read`] and
//!   [`Device::write`], with an address of [clause 22](reg::C22) or of [clause 45](reg::C45).
//! - The [`genphy_*`](Device::genphy_read_status) functions do what the library does for any PHY, for a
//!   callback that only adds something.
//! - [`module_phy_driver!`](crate::module_phy_driver) makes a module of one driver or several.
//!
//! # Locks
//!
//! A PHY has a lock, and its bus has another. Which are held while C calls a driver depends on the
//! function:
//!
//! | function | the PHY's lock | the bus's lock |
//! | --- | --- | --- |
//! | `config_aneg`, `read_status`, `resume`, `link_change_notify` | held | |
//! | `soft_reset` | held if it comes from [`init_hw`](Device::init_hw) in one of those | |
//! | `suspend` | not held | |
//! | `match_phy_device`, `probe`, `get_features` | not held | |
//! | `read_mmd`, `write_mmd` | unknown | held |
//!
//! That is what the library does; drivers of network controllers, in C, call some of them by themselves.
//! So two of them may run at the same time for the same PHY, for instance `read_mmd` with any other. They
//! have the same [`Device`] then. Nothing that can be done with it needs the PHY's lock for memory to stay
//! intact, except for [`start_aneg`](Device::start_aneg), which looks.
//!
//! Reading and writing registers takes the bus's lock. **In `read_mmd` and `write_mmd` it would wait for
//! ever.**
//!
//! C headers: [`include/linux/phy.h`](srctree/include/linux/phy.h), with
//! [`drivers/net/phy/phy_device.c`](srctree/drivers/net/phy/phy_device.c) and
//! [`phy.c`](srctree/drivers/net/phy/phy.c).

mod device;
mod driver;
pub mod flags;
mod id;
pub mod reg;
mod registration;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;
mod vtable;

pub use device::{Device, DeviceState, DuplexMode};
pub use driver::Driver;
pub use id::DeviceId;
pub use registration::{DriverTable, Registration};
pub use vtable::{create_phy_driver, DriverVTable};
