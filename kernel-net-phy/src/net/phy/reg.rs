// SPDX-License-Identifier: GPL-2.0

//! The registers of PHYs, by the two ways to name them that IEEE 802.3 has.
//!
//! - [Clause 22](C22): 32 registers of 16 bits, of which the first 16 are the same everywhere.
//! - [Clause 45](C45): devices in the PHY ([`Mmd`]), with 65536 registers each. Where a bus or a PHY knows
//!   clause 22 only, the library gets at them through registers 13 and 14.
//!
//! Both are for [`Device::read`] and [`Device::write`].
//!
//! C header: [`include/uapi/linux/mii.h`](srctree/include/uapi/linux/mii.h),
//! [`include/uapi/linux/mdio.h`](srctree/include/uapi/linux/mdio.h).
//!
//! # Examples
//!
//! ```
//! use kernel::net::phy::{reg::{Mmd, C22, C45}, Device};
//!
//! /// The maker's own control register.
//! const CONTROL: C22 = C22::vendor_specific::<0x10>();
//!
//! fn start(dev: &mut Device) -> Result {
//!     let control = dev.read(CONTROL)?;
//!     dev.write(CONTROL, control | 1)?;
//!     dev.write(C45::new(Mmd::PCS, 0x8000), 0)
//! }
//! # // Who is no driver has no device.
//! # let _: fn(&mut Device) -> Result = start;
//! # assert_ne!(size_of::<C22>(), 0);
//! ```

use super::Device;
use crate::{bindings, error::to_result, prelude::*};

/// Keeps others from implementing [`Register`], whose functions trust the address.
mod private {
    /// What only the addresses of this module implement.
    pub trait Sealed {}
}

/// The address of a register: [`C22`] or [`C45`].
///
/// A driver calls [`Device::read`], [`Device::write`] and [`Device::genphy_read_status`], which end up here.
///
/// # Examples
///
/// ```
/// use kernel::net::phy::{reg::Register, Device};
///
/// /// Sets some bits of a register, whatever kind of address it has.
/// fn set_bits<R: Register + Copy>(dev: &mut Device, register: R, bits: u16) -> Result {
///     let value = dev.read(register)?;
///     dev.write(register, value | bits)
/// }
/// # use kernel::net::phy::reg::{C22, C45};
/// # let _: fn(&mut Device, C22, u16) -> Result = set_bits;
/// # let _: fn(&mut Device, C45, u16) -> Result = set_bits;
/// # assert_ne!(size_of::<C45>(), 0);
/// ```
pub trait Register: private::Sealed {
    /// Reads the register.
    ///
    /// # Errors
    ///
    /// Those of the bus, such as `EIO`, or `EOPNOTSUPP` if it does not know this kind of address.
    fn read(&self, dev: &mut Device) -> Result<u16>;

    /// Writes the register.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    fn write(&self, dev: &mut Device, val: u16) -> Result;

    /// Finds out about the link as for any PHY with registers of this kind, and notes it in `dev`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    fn read_status(dev: &mut Device) -> Result<u16>;
}

/// A register of clause 22.
///
/// # Examples
///
/// ```
/// use kernel::net::phy::reg::C22;
///
/// const LED_CONTROL: C22 = C22::vendor_specific::<24>();
/// assert_ne!(LED_CONTROL, C22::BMCR);
/// ```
///
/// # Invariants
///
/// The number is below 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct C22(u8);

impl C22 {
    // INVARIANT: All below are numbers from 0 to 15.

    /// Basic mode control.
    pub const BMCR: Self = C22(0x00);
    /// Basic mode status.
    pub const BMSR: Self = C22(0x01);
    /// The upper half of the PHY's number.
    pub const PHYSID1: Self = C22(0x02);
    /// The lower half of the PHY's number.
    pub const PHYSID2: Self = C22(0x03);
    /// What autonegotiation advertises.
    pub const ADVERTISE: Self = C22(0x04);
    /// What the link partner can do.
    pub const LPA: Self = C22(0x05);
    /// More about autonegotiation.
    pub const EXPANSION: Self = C22(0x06);
    /// The next page that autonegotiation sends.
    pub const NEXT_PAGE_TRANSMIT: Self = C22(0x07);
    /// The next page that the link partner sent.
    pub const LP_RECEIVED_NEXT_PAGE: Self = C22(0x08);
    /// Who is the master, and who the slave, of the link.
    pub const MASTER_SLAVE_CONTROL: Self = C22(0x09);
    /// Who has become the master, and who the slave.
    pub const MASTER_SLAVE_STATUS: Self = C22(0x0a);
    /// Control of the power that goes over the cable.
    pub const PSE_CONTROL: Self = C22(0x0b);
    /// The state of the power that goes over the cable.
    pub const PSE_STATUS: Self = C22(0x0c);
    /// Which register of clause 45 `MMD_DATA` stands for.
    pub const MMD_CONTROL: Self = C22(0x0d);
    /// The register of clause 45 that `MMD_CONTROL` names, or its address.
    pub const MMD_DATA: Self = C22(0x0e);
    /// What the PHY can do at 1000 Mbit/s.
    pub const EXTENDED_STATUS: Self = C22(0x0f);

    /// One of the registers that the maker of the PHY decides about, from 16 to 31.
    ///
    /// Another number does not compile.
    pub const fn vendor_specific<const N: u8>() -> Self {
        const {
            assert!(
                N > 0x0f && N < 0x20,
                "vendor-specific registers are 16 to 31"
            );
        }
        // INVARIANT: The number was checked.
        C22(N)
    }
}

impl private::Sealed for C22 {}

impl Register for C22 {
    fn read(&self, dev: &mut Device) -> Result<u16> {
        let (bus, addr) = dev.bus_and_addr();
        // SAFETY: By the invariants of `Device` the bus is registered for as long as the mutable reference is
        // there, and by those of `C22` the number is one of a register.
        let ret = unsafe { bindings::mdiobus_read(bus, addr, self.0.into()) };
        value(ret)
    }

    fn write(&self, dev: &mut Device, val: u16) -> Result {
        let (bus, addr) = dev.bus_and_addr();
        // SAFETY: As in `read`.
        to_result(unsafe { bindings::mdiobus_write(bus, addr, self.0.into(), val) })
    }

    fn read_status(dev: &mut Device) -> Result<u16> {
        // SAFETY: By the invariants of `Device` the structure is initialised, and a driver that C finds in it
        // stays.
        value(unsafe { bindings::genphy_read_status(dev.as_raw()) })
    }
}

/// A device in a PHY that has registers of clause 45: MDIO manageable device.
///
/// # Examples
///
/// ```
/// use kernel::net::phy::reg::{Mmd, C45};
///
/// let first = C45::new(Mmd::PMAPMD, 0);
/// assert_ne!(first, C45::new(Mmd::VEND1, 0));
/// ```
///
/// # Invariants
///
/// The number is below 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mmd(u8);

impl Mmd {
    // INVARIANT: C's constants are below 32, as `u8` shows they fit.

    /// Physical medium attachment, and physical medium dependent.
    pub const PMAPMD: Self = Mmd(bindings::MDIO_MMD_PMAPMD as u8);
    /// Interface to wide-area networks.
    pub const WIS: Self = Mmd(bindings::MDIO_MMD_WIS as u8);
    /// Physical coding sublayer.
    pub const PCS: Self = Mmd(bindings::MDIO_MMD_PCS as u8);
    /// Extender on the side of the PHY.
    pub const PHYXS: Self = Mmd(bindings::MDIO_MMD_PHYXS as u8);
    /// Extender on the side of the controller.
    pub const DTEXS: Self = Mmd(bindings::MDIO_MMD_DTEXS as u8);
    /// Transmission convergence.
    pub const TC: Self = Mmd(bindings::MDIO_MMD_TC as u8);
    /// Autonegotiation.
    pub const AN: Self = Mmd(bindings::MDIO_MMD_AN as u8);
    /// A separated PMA, the first.
    pub const SEPARATED_PMA1: Self = Mmd(8);
    /// A separated PMA, the second.
    pub const SEPARATED_PMA2: Self = Mmd(9);
    /// A separated PMA, the third.
    pub const SEPARATED_PMA3: Self = Mmd(10);
    /// A separated PMA, the fourth.
    pub const SEPARATED_PMA4: Self = Mmd(11);
    /// OFDM, for cables of coaxial networks: PMA and PMD.
    pub const OFDM_PMAPMD: Self = Mmd(12);
    /// Power over the cable.
    pub const POWER_UNIT: Self = Mmd(13);
    /// What extends clause 22.
    pub const C22_EXT: Self = Mmd(bindings::MDIO_MMD_C22EXT as u8);
    /// The maker's own, the first.
    pub const VEND1: Self = Mmd(bindings::MDIO_MMD_VEND1 as u8);
    /// The maker's own, the second.
    pub const VEND2: Self = Mmd(bindings::MDIO_MMD_VEND2 as u8);
}

/// A register of clause 45: one of 65536 in one of the PHY's devices.
///
/// # Examples
///
/// ```
/// use kernel::net::phy::{reg::{Mmd, C45}, Device};
///
/// fn revision(dev: &mut Device) -> Result<u8> {
///     let value = dev.read(C45::new(Mmd::PMAPMD, 0xd001))?;
///     Ok((value >> 8) as u8)
/// }
/// # let _: fn(&mut Device) -> Result<u8> = revision;
/// # assert_eq!(C45::new(Mmd::AN, 1), C45::new(Mmd::AN, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct C45 {
    devad: Mmd,
    regnum: u16,
}

impl C45 {
    /// Names a register of a device.
    pub fn new(devad: Mmd, regnum: u16) -> Self {
        C45 { devad, regnum }
    }
}

impl private::Sealed for C45 {}

impl Register for C45 {
    fn read(&self, dev: &mut Device) -> Result<u16> {
        let (devad, regnum) = (self.devad.0.into(), self.regnum.into());
        // SAFETY: By the invariants of `Device` the structure is initialised, with a bus; C checks the
        // address.
        value(unsafe { bindings::phy_read_mmd(dev.as_raw(), devad, regnum) })
    }

    fn write(&self, dev: &mut Device, val: u16) -> Result {
        let (devad, regnum) = (self.devad.0.into(), self.regnum.into());
        // SAFETY: As in `read`.
        to_result(unsafe { bindings::phy_write_mmd(dev.as_raw(), devad, regnum, val) })
    }

    fn read_status(dev: &mut Device) -> Result<u16> {
        // SAFETY: By the invariants of `Device` the structure is initialised, and a driver that C finds in it
        // stays.
        value(unsafe { bindings::genphy_c45_read_status(dev.as_raw()) })
    }
}

/// What C returned: the contents of a register, or an error.
pub(super) fn value(ret: c_int) -> Result<u16> {
    to_result(ret)?;
    // Registers have 16 bits. A bus that returns more than those is not believed.
    Ok(ret as u16)
}
