// SPDX-License-Identifier: GPL-2.0

//! Asix's PHYs for 10 and 100 Mbit/s: AX88772A, AX88772C and AX88796B.
//!
//! The first two are parts of adapters for USB, the third of Ethernet controllers. All have the registers
//! of clause 22, and phylib knows how to use those. What is peculiar to them:
//!
//! - The reset bit has an effect only when it goes from 0 to 1: `reset`.
//! - An AX88772A may say that there is a link, with autonegotiation complete, and yet have no abilities of
//!   the link's partner: `Ax88772a::read_status`.
//! - The abilities that it has may be those of an earlier partner, unless it is reset when a link goes:
//!   `Ax88772a::link_change_notify`.
//!
//! C's driver for them is `drivers/net/phy/ax88796b.c`. This one does the same accesses, and both have the
//! same names for the PHYs, so that only one of them can be loaded at a time.

#![cfg_attr(cargo, no_std)]

use kernel::{
    net::phy::{self, reg::C22, DeviceId, DeviceState, Driver, DuplexMode},
    prelude::*,
};

kernel::module_phy_driver! {
    drivers: [Ax88772a, Ax88772c, Ax88796b],
    device_table: [
        DeviceId::new_with_driver::<Ax88772a>(),
        DeviceId::new_with_driver::<Ax88772c>(),
        DeviceId::new_with_driver::<Ax88796b>(),
    ],
    name: "asix_phy",
    authors: ["kernel-crates maintainers"],
    description: "PHYs of Asix",
    license: "GPL",
}

/// Bits of the control register: IEEE 802.3, 22.2.4.1.
mod control {
    /// 100 Mbit/s, else 10. The bit for 1000 is never set in these PHYs.
    pub(super) const SPEED_100: u16 = 1 << 13;
    /// Both directions at a time.
    pub(super) const FULL_DUPLEX: u16 = 1 << 8;
}

/// Resets a PHY, and waits until that is done.
fn reset(dev: &mut phy::Device) -> Result {
    // The bit has to change.
    dev.write(C22::BMCR, 0)?;
    dev.genphy_soft_reset()
}

/// Speed in Mbit/s and duplex by the control register.
fn configured(control: u16) -> (u32, DuplexMode) {
    let speed = if control & control::SPEED_100 != 0 {
        100
    } else {
        10
    };
    let duplex = if control & control::FULL_DUPLEX != 0 {
        DuplexMode::Full
    } else {
        DuplexMode::Half
    };
    (speed, duplex)
}

/// The PHY in AX88772A.
struct Ax88772a;

#[vtable]
impl Driver for Ax88772a {
    const FLAGS: u32 = phy::flags::IS_INTERNAL;
    const NAME: &'static CStr = c"Asix Electronics AX88772A";
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0x003b_1861);

    fn soft_reset(dev: &mut phy::Device) -> Result {
        reset(dev)
    }

    fn read_status(dev: &mut phy::Device) -> Result<u16> {
        dev.genphy_update_link()?;
        if !dev.is_link_up() {
            return Ok(0);
        }
        // With some old switches it has no abilities of the partner (seen with a Netgear EN108TP), and
        // nothing follows from those. Then this stays.
        let (speed, duplex) = configured(dev.read(C22::BMCR)?);
        dev.set_speed(speed);
        dev.set_duplex(duplex);
        dev.genphy_read_lpa()?;
        if dev.is_autoneg_enabled() && dev.is_autoneg_completed() {
            dev.resolve_aneg_linkmode();
        }
        Ok(0)
    }

    fn suspend(dev: &mut phy::Device) -> Result {
        dev.genphy_suspend()
    }

    fn resume(dev: &mut phy::Device) -> Result {
        dev.genphy_resume()
    }

    fn link_change_notify(dev: &mut phy::Device) {
        if dev.state() != DeviceState::NoLink {
            return;
        }
        // There is nobody to report to, and the state machine goes on polling: it meets what persists. A
        // PHY that was not reset may still negotiate.
        let _ = dev.init_hw();
        let _ = dev.start_aneg();
    }
}

/// The PHY in AX88772C.
struct Ax88772c;

#[vtable]
impl Driver for Ax88772c {
    const FLAGS: u32 = phy::flags::IS_INTERNAL;
    const NAME: &'static CStr = c"Asix Electronics AX88772C";
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0x003b_1881);

    fn soft_reset(dev: &mut phy::Device) -> Result {
        reset(dev)
    }

    fn suspend(dev: &mut phy::Device) -> Result {
        dev.genphy_suspend()
    }

    fn resume(dev: &mut phy::Device) -> Result {
        dev.genphy_resume()
    }
}

/// The PHY in AX88796B, of any revision.
struct Ax88796b;

#[vtable]
impl Driver for Ax88796b {
    const NAME: &'static CStr = c"Asix Electronics AX88796B";
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_model_mask(0x003b_1841);

    fn soft_reset(dev: &mut phy::Device) -> Result {
        reset(dev)
    }
}
