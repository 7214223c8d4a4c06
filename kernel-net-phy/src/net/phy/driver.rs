// SPDX-License-Identifier: GPL-2.0

//! What a driver says about its PHYs.

use super::{Device, DeviceId};
use crate::{error::VTABLE_DEFAULT_ERROR, prelude::*};

/// A driver for PHYs.
///
/// Only [`NAME`](Self::NAME) has to be there, with [`PHY_DEVICE_ID`](Self::PHY_DEVICE_ID) or
/// [`match_phy_device`](Self::match_phy_device). What is not implemented, the library does as for any PHY.
///
/// All functions run in process context and may sleep. [Which locks are held](super#locks) differs.
///
/// # Examples
///
/// A PHY whose speed is in a register of its own:
///
/// ```
/// use kernel::{
///     net::phy::{self, reg::C22, DeviceId, Driver, DriverTable, DuplexMode, Registration},
///     uapi,
/// };
///
/// const STATUS: C22 = C22::vendor_specific::<0x1f>();
///
/// struct Acme100;
///
/// #[vtable]
/// impl Driver for Acme100 {
///     const NAME: &'static CStr = c"Acme 100 (doc example)";
///     const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_model_mask(0xfff0_0010);
///
///     fn read_status(dev: &mut phy::Device) -> Result<u16> {
///         dev.genphy_update_link()?;
///         if dev.is_link_up() {
///             let status = dev.read(STATUS)?;
///             dev.set_speed(if status & 1 != 0 { uapi::SPEED_100 } else { uapi::SPEED_10 });
///             dev.set_duplex(DuplexMode::Full);
///         }
///         Ok(0)
///     }
///
///     fn suspend(dev: &mut phy::Device) -> Result {
///         dev.genphy_suspend()
///     }
///
///     fn resume(dev: &mut phy::Device) -> Result {
///         dev.genphy_resume()
///     }
/// }
///
/// assert!(Acme100::HAS_READ_STATUS && !Acme100::HAS_PROBE);
/// # // SAFETY: The pointer is null, as for what is built in.
/// # static MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// # static DRIVERS: DriverTable<1> = DriverTable::new([phy::create_phy_driver::<Acme100>()]);
/// # // No such PHY is there, and so it drives none.
/// # let driver = Registration::register(&MODULE, DRIVERS.take().ok_or(EBUSY)?)?;
/// # drop(driver);
/// # Ok::<(), Error>(())
/// ```
///
/// [`module_phy_driver!`](crate::module_phy_driver) makes a module of it.
#[vtable]
pub trait Driver {
    /// [Flags](super::flags) about the PHYs.
    const FLAGS: u32 = 0;

    /// The driver's name, which no other driver for PHYs has.
    const NAME: &'static CStr;

    /// Which PHYs it is for.
    ///
    /// It may be left out by a driver that has [`match_phy_device`](Self::match_phy_device), which then is
    /// asked about each PHY on each bus.
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_custom_mask(0, 0);

    /// Resets the PHY.
    ///
    /// Without it, it is not reset but by its reset line, if it has one.
    ///
    /// # Errors
    ///
    /// Any: the PHY can't be used then.
    fn soft_reset(_dev: &mut Device) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Sets up what the PHY needs once, such as its firmware.
    ///
    /// # Errors
    ///
    /// Any: the driver does not drive the PHY then. `EPROBE_DEFER` has it tried again later.
    fn probe(_dev: &mut Device) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Finds out what the PHY can do; it comes after `probe`.
    ///
    /// # Errors
    ///
    /// Any: the driver does not drive the PHY then.
    fn get_features(_dev: &mut Device) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Tells whether the driver is for this PHY, instead of comparing the
    /// [`PHY_DEVICE_ID`](Self::PHY_DEVICE_ID).
    ///
    /// The PHY may have a driver already, which uses it at the same time.
    fn match_phy_device(_dev: &Device) -> bool {
        false
    }

    /// Begins to negotiate, with what is to be advertised; or sets speed and duplex, if they are not to be
    /// negotiated.
    ///
    /// # Errors
    ///
    /// Any: the PHY is in [`DeviceState::Error`](super::DeviceState::Error) then.
    fn config_aneg(_dev: &mut Device) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Finds out about the link, and notes it in `dev`. What it returns is not looked at.
    ///
    /// It is called about once a second.
    ///
    /// # Errors
    ///
    /// Any: the PHY is in [`DeviceState::Error`](super::DeviceState::Error) then.
    fn read_status(_dev: &mut Device) -> Result<u16> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Switches off what the PHY does not need while it is not used.
    ///
    /// # Errors
    ///
    /// Any: the system does not go to sleep then.
    fn suspend(_dev: &mut Device) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Switches it on again.
    ///
    /// # Errors
    ///
    /// Any.
    fn resume(_dev: &mut Device) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Reads a register of clause 45, for PHYs that have them elsewhere.
    ///
    /// `devnum` is at most 32. The bus's lock is held, so that [`Device::read`] would wait for ever here:
    /// a driver can answer from what it knows, or say that there are none.
    ///
    /// # Errors
    ///
    /// Any: it is that of the access.
    fn read_mmd(_dev: &mut Device, _devnum: u8, _regnum: u16) -> Result<u16> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Writes a register of clause 45, for PHYs that have them elsewhere.
    ///
    /// As for [`read_mmd`](Self::read_mmd), the bus's lock is held.
    ///
    /// # Errors
    ///
    /// Any: it is that of the access.
    fn write_mmd(_dev: &mut Device, _devnum: u8, _regnum: u16, _val: u16) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Hears that the PHY's [state](Device::state) has changed.
    fn link_change_notify(_dev: &mut Device) {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}
