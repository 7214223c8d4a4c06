// SPDX-License-Identifier: GPL-2.0

//! What a driver says about its PHYs beforehand: the bits of [`Driver::FLAGS`](super::Driver::FLAGS).
//!
//! C header: [`include/linux/phy.h`](srctree/include/linux/phy.h).
//!
//! # Examples
//!
//! ```
//! use kernel::net::phy::flags;
//!
//! const FLAGS: u32 = flags::IS_INTERNAL | flags::RST_AFTER_CLK_EN;
//! assert_eq!(FLAGS.count_ones(), 2);
//! ```

use crate::bindings;

/// The PHY is in the chip of the network controller. User space is told so: the transceiver is internal.
pub const IS_INTERNAL: u32 = bindings::PHY_IS_INTERNAL;

/// The PHY is to be reset when its reference clock was switched on.
pub const RST_AFTER_CLK_EN: u32 = bindings::PHY_RST_AFTER_CLK_EN;

/// A cable test ends without an interrupt: its state has to be polled.
pub const POLL_CABLE_TEST: u32 = bindings::PHY_POLL_CABLE_TEST;

/// [`Driver::suspend`](super::Driver::suspend) is called even if the PHY is to wake the system by
/// packets (Wake-on-LAN). It then has to keep the PHY awake that far.
pub const ALWAYS_CALL_SUSPEND: u32 = bindings::PHY_ALWAYS_CALL_SUSPEND;
