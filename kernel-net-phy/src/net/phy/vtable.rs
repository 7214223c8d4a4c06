// SPDX-License-Identifier: GPL-2.0

//! A driver as C has it.

use super::{Device, Driver};
use crate::{bindings, error::from_result, prelude::*, types::Opaque};
use core::{marker::PhantomData, ptr};

/// A driver's functions, as C calls them: [`struct phy_driver`].
///
/// # Examples
///
/// ```
/// use kernel::net::phy::{self, DeviceId, Driver, DriverVTable};
///
/// struct Plain;
///
/// #[vtable]
/// impl Driver for Plain {
///     const NAME: &'static CStr = c"Plain";
///     const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0xfff0_0021);
/// }
///
/// let drivers: [DriverVTable; 1] = [phy::create_phy_driver::<Plain>()];
/// assert_eq!(size_of_val(&drivers), size_of::<kernel::bindings::phy_driver>());
/// ```
///
/// # Invariants
///
/// It is what [`create_phy_driver`] makes, or that plus what C adds while it is registered.
///
/// [`struct phy_driver`]: srctree/include/linux/phy.h
#[repr(transparent)]
pub struct DriverVTable(Opaque<bindings::phy_driver>);

// SAFETY: Nothing can be done with a shared reference to it.
unsafe impl Sync for DriverVTable {}

/// Makes what C calls of a driver.
///
/// [`module_phy_driver!`](crate::module_phy_driver) does this.
///
/// # Panics
///
/// While it is compiled, if the driver has neither a [`PHY_DEVICE_ID`](Driver::PHY_DEVICE_ID) nor
/// [`match_phy_device`](Driver::match_phy_device): it would take each PHY there is.
pub const fn create_phy_driver<T: Driver>() -> DriverVTable {
    const {
        assert!(
            T::HAS_MATCH_PHY_DEVICE || T::PHY_DEVICE_ID.mask_as_int() != 0,
            "the driver has neither `PHY_DEVICE_ID` nor `match_phy_device`"
        );
    }
    /// A callback, if the driver has it.
    macro_rules! callback {
        ($flag:ident, $callback:ident) => {
            if T::$flag {
                Some(Adapter::<T>::$callback)
            } else {
                None
            }
        };
    }
    let raw = bindings::phy_driver {
        name: crate::str::as_char_ptr_in_const_context(T::NAME).cast_mut(),
        flags: T::FLAGS,
        phy_id: T::PHY_DEVICE_ID.id(),
        phy_id_mask: T::PHY_DEVICE_ID.mask_as_int(),
        soft_reset: callback!(HAS_SOFT_RESET, soft_reset_callback),
        probe: callback!(HAS_PROBE, probe_callback),
        get_features: callback!(HAS_GET_FEATURES, get_features_callback),
        match_phy_device: callback!(HAS_MATCH_PHY_DEVICE, match_phy_device_callback),
        config_aneg: callback!(HAS_CONFIG_ANEG, config_aneg_callback),
        read_status: callback!(HAS_READ_STATUS, read_status_callback),
        suspend: callback!(HAS_SUSPEND, suspend_callback),
        resume: callback!(HAS_RESUME, resume_callback),
        read_mmd: callback!(HAS_READ_MMD, read_mmd_callback),
        write_mmd: callback!(HAS_WRITE_MMD, write_mmd_callback),
        link_change_notify: callback!(HAS_LINK_CHANGE_NOTIFY, link_change_notify_callback),
        ..pin_init::zeroed()
    };
    // INVARIANT: That is it.
    DriverVTable(Opaque::new(raw))
}

/// What C calls, for the driver `T`.
struct Adapter<T: Driver>(PhantomData<T>);

impl<T: Driver> Adapter<T> {
    /// # Safety
    ///
    /// `phydev` is bound to this driver, or is being bound.
    unsafe fn call(
        phydev: *mut bindings::phy_device,
        function: impl FnOnce(&mut Device) -> Result,
    ) -> c_int {
        from_result(|| {
            // SAFETY: A device that is bound, or is being bound, is counted, and hangs on a registered bus.
            // That stays so, and so does the driver's module, although it may be unbound meanwhile: see
            // `suspend_callback`. The reference ends with the call: nothing that outlives it can be made of it.
            let dev = unsafe { Device::from_raw_mut(phydev) };
            function(dev)?;
            Ok(0)
        })
    }

    /// Calls a function of the driver's that may refuse the device.
    ///
    /// # Safety
    ///
    /// `phydev` is being bound to this driver.
    unsafe fn call_while_binding(
        phydev: *mut bindings::phy_device,
        function: impl FnOnce(&mut Device) -> Result,
    ) -> c_int {
        // SAFETY: The device is being bound, as the caller says.
        let ret = unsafe { Self::call(phydev, function) };
        if ret != 0 {
            // C would leave the driver there, and go on calling it, also when its module is gone.
            // SAFETY: A device that is being bound is initialised, and the field is `phy_probe()`'s to write.
            // That called, and does not look at it after a failure.
            unsafe { (*phydev).drv = ptr::null() };
        }
        ret
    }

    /// # Safety
    ///
    /// `phydev` is bound to this driver.
    unsafe extern "C" fn soft_reset_callback(phydev: *mut bindings::phy_device) -> c_int {
        // SAFETY: The library resets devices while they are bound. As the caller says, this one is.
        unsafe { Self::call(phydev, T::soft_reset) }
    }

    /// # Safety
    ///
    /// `phydev` is being bound to this driver.
    unsafe extern "C" fn probe_callback(phydev: *mut bindings::phy_device) -> c_int {
        // SAFETY: The device is being bound, as the caller says.
        unsafe { Self::call_while_binding(phydev, T::probe) }
    }

    /// # Safety
    ///
    /// `phydev` is being bound to this driver.
    unsafe extern "C" fn get_features_callback(phydev: *mut bindings::phy_device) -> c_int {
        // SAFETY: The device is being bound, as the caller says.
        unsafe { Self::call_while_binding(phydev, T::get_features) }
    }

    /// # Safety
    ///
    /// `phydev` is a device for which the driver core looks for a driver.
    unsafe extern "C" fn match_phy_device_callback(
        phydev: *mut bindings::phy_device,
        _phydrv: *const bindings::phy_driver,
    ) -> c_int {
        // SAFETY: The driver core counts the device while it looks for a driver. It may be bound to another
        // one, or be taken off its bus at the same time, so it is shared.
        let dev = unsafe { Device::from_raw(phydev) };
        T::match_phy_device(dev).into()
    }

    /// # Safety
    ///
    /// `phydev` is bound to this driver.
    unsafe extern "C" fn config_aneg_callback(phydev: *mut bindings::phy_device) -> c_int {
        // SAFETY: The device is bound, as the caller says.
        unsafe { Self::call(phydev, T::config_aneg) }
    }

    /// # Safety
    ///
    /// `phydev` is bound to this driver.
    unsafe extern "C" fn read_status_callback(phydev: *mut bindings::phy_device) -> c_int {
        // For C, a positive number is an error, too.
        let read_status = |dev: &mut Device| T::read_status(dev).map(|_| ());
        // SAFETY: The device is bound, as the caller says.
        unsafe { Self::call(phydev, read_status) }
    }

    /// # Safety
    ///
    /// `phydev` is bound to this driver.
    unsafe extern "C" fn suspend_callback(phydev: *mut bindings::phy_device) -> c_int {
        // SAFETY: C has found the driver in the device. It may be unbound meanwhile (`phy_remove()` waits for
        // the library's work only), but its module stays: the controller that connected to it holds it, or
        // the device's lock is held.
        unsafe { Self::call(phydev, T::suspend) }
    }

    /// # Safety
    ///
    /// `phydev` is bound to this driver.
    unsafe extern "C" fn resume_callback(phydev: *mut bindings::phy_device) -> c_int {
        // SAFETY: The device is bound, as the caller says.
        unsafe { Self::call(phydev, T::resume) }
    }

    /// # Safety
    ///
    /// `phydev` is bound to this driver, or is being bound.
    unsafe extern "C" fn read_mmd_callback(
        phydev: *mut bindings::phy_device,
        devnum: c_int,
        regnum: u16,
    ) -> c_int {
        from_result(|| {
            let devnum = u8::try_from(devnum)?;
            // SAFETY: As in `call`: the device is bound, or is being bound, as the caller says.
            let dev = unsafe { Device::from_raw_mut(phydev) };
            Ok(T::read_mmd(dev, devnum, regnum)?.into())
        })
    }

    /// # Safety
    ///
    /// `phydev` is bound to this driver, or is being bound.
    unsafe extern "C" fn write_mmd_callback(
        phydev: *mut bindings::phy_device,
        devnum: c_int,
        regnum: u16,
        val: u16,
    ) -> c_int {
        let write = |dev: &mut Device| T::write_mmd(dev, u8::try_from(devnum)?, regnum, val);
        // SAFETY: The device is bound, or is being bound, as the caller says.
        unsafe { Self::call(phydev, write) }
    }

    /// # Safety
    ///
    /// `phydev` is bound to this driver.
    unsafe extern "C" fn link_change_notify_callback(phydev: *mut bindings::phy_device) {
        // SAFETY: As in `call`: the device is bound, as the caller says.
        let dev = unsafe { Device::from_raw_mut(phydev) };
        T::link_change_notify(dev);
    }
}
