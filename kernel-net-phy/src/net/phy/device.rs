// SPDX-License-Identifier: GPL-2.0

//! A PHY, as its driver has it.

use super::reg::{self, Register};
use crate::{bindings, device, error::to_result, prelude::*, types::Opaque};

/// Where the library is with a PHY: [`enum phy_state`].
///
/// # Examples
///
/// ```
/// use kernel::net::phy::{Device, DeviceState};
///
/// fn reset_is_due(dev: &Device) -> bool {
///     dev.state() == DeviceState::NoLink
/// }
/// # let _: fn(&Device) -> bool = reset_is_due;
/// # assert_ne!(DeviceState::NoLink, DeviceState::Running);
/// ```
///
/// [`enum phy_state`]: srctree/include/linux/phy.h
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// Its driver does not know of it yet, or no longer: before and during `probe`.
    Down,
    /// A controller may have it.
    Ready,
    /// The controller does not want it at present.
    Halted,
    /// Its bus or its driver failed. Only the controller can start it again.
    Error,
    /// It is about to be set up, and negotiated with.
    Up,
    /// There is a link.
    Running,
    /// There is no link at present.
    NoLink,
    /// The cable is being tested; there is no link meanwhile.
    CableTest,
}

/// Whether both ends may send at the same time.
///
/// # Examples
///
/// ```
/// use kernel::net::phy::{Device, DuplexMode};
///
/// /// Notes what the bit of a register says.
/// fn note(dev: &mut Device, full: bool) {
///     dev.set_duplex(if full { DuplexMode::Full } else { DuplexMode::Half });
/// }
/// # let _: fn(&mut Device, bool) = note;
/// # assert_ne!(DuplexMode::Full, DuplexMode::Half);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuplexMode {
    /// Both may.
    Full,
    /// One at a time.
    Half,
    /// It was not found out yet.
    Unknown,
}

/// A PHY: [`struct phy_device`].
///
/// A driver has one for as long as a callback lasts, and cannot keep it.
///
/// # Examples
///
/// A reset for PHYs that have to be woken first:
///
/// ```
/// use kernel::net::phy::{reg::C22, Device};
///
/// fn soft_reset(dev: &mut Device) -> Result {
///     dev.write(C22::BMCR, 0)?;
///     dev.genphy_soft_reset()
/// }
/// # // Who is no driver has no device.
/// # let _: fn(&mut Device) -> Result = soft_reset;
/// # assert_eq!(size_of::<Device>(), size_of::<kernel::bindings::phy_device>());
/// ```
///
/// # Invariants
///
/// - For as long as a reference exists, the structure is initialised, and its device is counted.
/// - For as long as a mutable reference exists, the device hangs on a bus that is registered. Its driver was
///   bound, or being bound, when C called, and the driver's table and code stay. It may be unbound meanwhile:
///   C then has no `drv` for it.
///
/// A mutable reference does not stand for exclusive access: C has the structure too, and other callbacks
/// may have it. See [the module's documentation](super#locks).
///
/// [`struct phy_device`]: srctree/include/linux/phy.h
#[repr(transparent)]
pub struct Device(Opaque<bindings::phy_device>);

impl Device {
    /// Takes a C structure for a device that is matched with a driver.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, `ptr` points to an initialised `struct phy_device` with a count above zero.
    pub(super) unsafe fn from_raw<'a>(ptr: *mut bindings::phy_device) -> &'a Self {
        // INVARIANT: The caller promises what they say.
        // SAFETY: `Device` is a transparent wrapper, and the caller vouches for the pointer.
        unsafe { &*ptr.cast() }
    }

    /// Takes a C structure for a device in one of its driver's callbacks.
    ///
    /// # Safety
    ///
    /// As [`from_raw`](Self::from_raw). The device hangs on a registered bus for the length of `'a`, and the
    /// table and the code of its driver stay as long; at the beginning that is bound, or being bound.
    pub(super) unsafe fn from_raw_mut<'a>(ptr: *mut bindings::phy_device) -> &'a mut Self {
        // INVARIANT: The caller promises what they say.
        // SAFETY: As in `from_raw`. Others may access the structure meanwhile, which `Opaque` allows; it
        // can't be moved, as there is never a second one of the same lifetime to exchange it with.
        unsafe { &mut *ptr.cast() }
    }

    /// The C structure.
    pub(super) fn as_raw(&self) -> *mut bindings::phy_device {
        self.0.get()
    }

    /// The bus that the PHY hangs on, and its number there.
    ///
    /// The bus is registered for as long as `self` is borrowed: with a shared reference it need not be there.
    pub(super) fn bus_and_addr(&mut self) -> (*mut bindings::mii_bus, c_int) {
        // SAFETY: By the type invariants the structure is initialised. Nobody writes this part of it any
        // more.
        let mdio = unsafe { &raw const (*self.as_raw()).mdio };
        // SAFETY: As above.
        let bus = unsafe { (*mdio).bus };
        // SAFETY: As above.
        let addr = unsafe { (*mdio).addr };
        (bus, addr)
    }

    /// The number by which its driver was found, as in clause 22.
    ///
    /// For a PHY of clause 45 it may be zero.
    pub fn phy_id(&self) -> u32 {
        // SAFETY: By the type invariants the structure is initialised.
        let field = unsafe { &raw const (*self.as_raw()).phy_id };
        // SAFETY: As above. Who might write it at the same time does so in one piece, as this reads.
        unsafe { field.read_volatile() }
    }

    /// Where the library is with the PHY.
    pub fn state(&self) -> DeviceState {
        // SAFETY: By the type invariants the structure is initialised.
        let field = unsafe { &raw const (*self.as_raw()).state };
        // SAFETY: As above. Who might write it at the same time does so in one piece, as this reads.
        match unsafe { field.read_volatile() } {
            bindings::phy_state_PHY_DOWN => DeviceState::Down,
            bindings::phy_state_PHY_READY => DeviceState::Ready,
            bindings::phy_state_PHY_HALTED => DeviceState::Halted,
            bindings::phy_state_PHY_UP => DeviceState::Up,
            bindings::phy_state_PHY_RUNNING => DeviceState::Running,
            bindings::phy_state_PHY_NOLINK => DeviceState::NoLink,
            bindings::phy_state_PHY_CABLETEST => DeviceState::CableTest,
            // There is no other. If there were, drivers would not know what to do with it.
            _ => DeviceState::Error,
        }
    }

    /// Whether there was a link when it was last looked at.
    pub fn is_link_up(&self) -> bool {
        // SAFETY: By the type invariants the structure is initialised.
        unsafe { bindings::phy_link_is_up(self.as_raw()) }
    }

    /// Whether the two ends are to negotiate speed and duplex.
    pub fn is_autoneg_enabled(&self) -> bool {
        // SAFETY: By the type invariants the structure is initialised.
        unsafe { bindings::phy_autoneg_is_enabled(self.as_raw()) }
    }

    /// Whether they were done with it when it was last looked at.
    pub fn is_autoneg_completed(&self) -> bool {
        // SAFETY: By the type invariants the structure is initialised.
        unsafe { bindings::phy_autoneg_is_complete(self.as_raw()) }
    }

    /// Notes the speed of the link, in Mbit/s: `uapi::SPEED_100` and so on.
    ///
    /// `u32::MAX` stands for an unknown one, like `SPEED_UNKNOWN` in C.
    pub fn set_speed(&mut self, speed: u32) {
        // SAFETY: By the type invariants the structure is initialised.
        let field = unsafe { &raw mut (*self.as_raw()).speed };
        // SAFETY: As above. Who might read it at the same time has the old or the new one, and any is
        // allowed: C compares it with those that it knows.
        unsafe { field.write_volatile(speed as c_int) };
    }

    /// Notes whether both ends of the link may send at the same time.
    pub fn set_duplex(&mut self, mode: DuplexMode) {
        let duplex = match mode {
            DuplexMode::Full => bindings::DUPLEX_FULL,
            DuplexMode::Half => bindings::DUPLEX_HALF,
            DuplexMode::Unknown => bindings::DUPLEX_UNKNOWN,
        };
        // SAFETY: By the type invariants the structure is initialised.
        let field = unsafe { &raw mut (*self.as_raw()).duplex };
        // SAFETY: As above. Who might read it at the same time has the old or the new one.
        unsafe { field.write_volatile(duplex as c_int) };
    }

    /// Reads a register. It may sleep.
    ///
    /// It takes the bus's lock: not to be called in [`Driver::read_mmd`](super::Driver::read_mmd) or
    /// [`Driver::write_mmd`](super::Driver::write_mmd), which would wait for themselves.
    ///
    /// # Errors
    ///
    /// Those of the bus, such as `EIO`, or `EOPNOTSUPP` if it does not know this kind of address.
    pub fn read<R: Register>(&mut self, reg: R) -> Result<u16> {
        reg.read(self)
    }

    /// Writes a register. It may sleep.
    ///
    /// It takes the bus's lock: see [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn write<R: Register>(&mut self, reg: R, val: u16) -> Result {
        reg.write(self, val)
    }

    /// Reads a register of a page, and turns back to the page that was open. It may sleep.
    ///
    /// How pages are turned is the driver's knowledge, and no [`Driver`](super::Driver) can say it yet. So
    /// this is for drivers to come.
    ///
    /// # Errors
    ///
    /// `EOPNOTSUPP` if the driver does not know about pages, `EINVAL` for a register that is none of clause
    /// 22, and those of the bus.
    pub fn read_paged(&mut self, page: u16, regnum: u16) -> Result<u16> {
        if regnum >= 32 {
            return Err(EINVAL);
        }
        // SAFETY: By the type invariants the structure is initialised.
        let drv = unsafe { (*self.as_raw()).drv };
        // SAFETY: By the type invariants, a driver that is found in it stays.
        let drv = unsafe { drv.as_ref() };
        // C would do the same, and have the log complain about it.
        if drv.is_none_or(|drv| drv.read_page.is_none() || drv.write_page.is_none()) {
            return Err(Error::from_errno(-(bindings::EOPNOTSUPP as c_int)));
        }
        // SAFETY: By the type invariants the structure is initialised, and a driver that C finds in it stays.
        // The register is one.
        let ret = unsafe { bindings::phy_read_paged(self.as_raw(), page.into(), regnum.into()) };
        reg::value(ret)
    }

    /// Makes speed and duplex of what both ends advertise: what negotiation comes to.
    ///
    /// To be called when [negotiation is over](Self::is_autoneg_completed), after
    /// [`genphy_read_lpa`](Self::genphy_read_lpa).
    pub fn resolve_aneg_linkmode(&mut self) {
        // SAFETY: By the type invariants the structure is initialised.
        unsafe { bindings::phy_resolve_aneg_linkmode(self.as_raw()) };
    }

    /// Begins to negotiate, or sets speed and duplex if they are not to be negotiated.
    ///
    /// For [`Driver::link_change_notify`](super::Driver::link_change_notify), where the PHY's lock is held.
    /// It calls the driver's `config_aneg`, which therefore must not call this, and if the PHY is in use
    /// `read_status`, too.
    ///
    /// # Errors
    ///
    /// `EPERM` in a callback without the PHY's lock, whoever else has it; nothing is done then. Besides those
    /// of the driver and the bus.
    pub fn start_aneg(&mut self) -> Result {
        // SAFETY: By the type invariants the structure is initialised.
        if !unsafe { bindings::phy_lock_is_held(self.as_raw()) } {
            return Err(EPERM);
        }
        // SAFETY: By the type invariants the structure is initialised, and a driver that C finds in it stays.
        // The caller holds the lock.
        to_result(unsafe { bindings::_phy_start_aneg(self.as_raw()) })
    }

    /// Resets the PHY, and sets it up again.
    ///
    /// It calls the driver's `soft_reset`, which therefore must not call this.
    ///
    /// # Errors
    ///
    /// Those of the driver and of the bus.
    pub fn init_hw(&mut self) -> Result {
        // SAFETY: By the type invariants the structure is initialised, and a driver that C finds in it stays.
        to_result(unsafe { bindings::phy_init_hw(self.as_raw()) })
    }

    /// Resets the PHY by [`BMCR`](reg::C22::BMCR), and waits until that is over, 0.6 seconds at most.
    ///
    /// # Errors
    ///
    /// `ETIMEDOUT` if it is not over by then, and those of the bus.
    pub fn genphy_soft_reset(&mut self) -> Result {
        // SAFETY: By the type invariants the structure is initialised.
        to_result(unsafe { bindings::genphy_soft_reset(self.as_raw()) })
    }

    /// Switches most of the PHY off, by [`BMCR`](reg::C22::BMCR).
    ///
    /// # Errors
    ///
    /// Those of the bus.
    pub fn genphy_suspend(&mut self) -> Result {
        // SAFETY: By the type invariants the structure is initialised.
        to_result(unsafe { bindings::genphy_suspend(self.as_raw()) })
    }

    /// Switches the PHY on again, by [`BMCR`](reg::C22::BMCR).
    ///
    /// # Errors
    ///
    /// Those of the bus.
    pub fn genphy_resume(&mut self) -> Result {
        // SAFETY: By the type invariants the structure is initialised.
        to_result(unsafe { bindings::genphy_resume(self.as_raw()) })
    }

    /// Looks whether there is a link, and whether negotiation is over, by [`BMSR`](reg::C22::BMSR).
    ///
    /// # Errors
    ///
    /// Those of the bus.
    pub fn genphy_update_link(&mut self) -> Result {
        // SAFETY: By the type invariants the structure is initialised.
        to_result(unsafe { bindings::genphy_update_link(self.as_raw()) })
    }

    /// Reads what the link partner advertises, by [`LPA`](reg::C22::LPA) and, for a gigabit,
    /// [`MASTER_SLAVE_STATUS`](reg::C22::MASTER_SLAVE_STATUS).
    ///
    /// # Errors
    ///
    /// `ENOLINK` if the ends could not agree who is the master, and those of the bus.
    pub fn genphy_read_lpa(&mut self) -> Result {
        // SAFETY: By the type invariants the structure is initialised.
        to_result(unsafe { bindings::genphy_read_lpa(self.as_raw()) })
    }

    /// Reads what the PHY can do, by [`BMSR`](reg::C22::BMSR) and
    /// [`EXTENDED_STATUS`](reg::C22::EXTENDED_STATUS).
    ///
    /// For [`Driver::get_features`](super::Driver::get_features).
    ///
    /// # Errors
    ///
    /// Those of the bus.
    pub fn genphy_read_abilities(&mut self) -> Result {
        // SAFETY: By the type invariants the structure is initialised.
        to_result(unsafe { bindings::genphy_read_abilities(self.as_raw()) })
    }

    /// Finds out about link, speed and duplex as for any PHY with registers of the kind `R`.
    ///
    /// For [`Driver::read_status`](super::Driver::read_status).
    ///
    /// # Errors
    ///
    /// Those of the bus.
    pub fn genphy_read_status<R: Register>(&mut self) -> Result<u16> {
        R::read_status(self)
    }
}

/// For messages, and for firmware.
impl AsRef<device::Device> for Device {
    fn as_ref(&self) -> &device::Device {
        // SAFETY: By the type invariants the structure is initialised.
        let dev = unsafe { &raw mut (*self.as_raw()).mdio.dev };
        // SAFETY: By the type invariants the device is counted for as long as the borrow. Its release
        // function only frees memory, in any thread.
        unsafe { device::Device::from_raw(dev) }
    }
}
