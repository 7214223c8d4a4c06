// SPDX-License-Identifier: GPL-2.0

//! Regulators, from the side of those whom they supply.
//!
//! A regulator is what a part of the hardware gets its power from. The kernel can switch it on and off,
//! and some can be set to another voltage. Which supply of a device comes from which regulator, the
//! firmware says (`vdd-supply` in a device tree), or a board's code. A driver asks by the name that the
//! device has for its supply:
//!
//! - One that is to be on for as long as the driver is bound: [`devm_enable`], or
//!   [`devm_enable_optional`] where the hardware may do without.
//! - One that is to be on for as long as a value exists: [`Regulator::<Enabled>::get`].
//! - One that goes on and off: [`Regulator::<Disabled>::get`], and
//!   [`try_into_enabled`](Regulator::<Disabled>::try_into_enabled) and
//!   [`try_into_disabled`](Regulator::<Enabled>::try_into_disabled), which make one of the other.
//!
//! C counts how often a user has switched a regulator on, and counts the users: it is on while somebody
//! needs it. Here a user has it on once or not at all, the type says which, and what is dropped is off
//! before it is given back. So the count is always right.
//!
//! All of these may sleep.
//!
//! # Supplies that nobody describes
//!
//! Where everything is said to be described, as in a device tree, a supply that is not is taken for one
//! that is always on: C puts a dummy in its place, and says so in the log. [`devm_enable_optional`]
//! does not get dummies.
//!
//! In configurations without `CONFIG_REGULATOR` all supplies are there and on, though they have no
//! voltage. That is as C has it, so drivers need no condition.
//!
//! C header: [`include/linux/regulator/consumer.h`](srctree/include/linux/regulator/consumer.h), with
//! [`drivers/regulator/core.c`](srctree/drivers/regulator/core.c).
//!
//! [`Regulator::<Enabled>::get`]: Regulator::<Enabled>::get
//! [`Regulator::<Disabled>::get`]: Regulator::<Disabled>::get

use crate::{
    bindings,
    device::{Bound, Device},
    error::{from_err_ptr, to_result, Error as KernelError},
    prelude::*,
    sync::aref::ARef,
};
use core::{marker::PhantomData, mem::ManuallyDrop, ptr};

mod state;
#[cfg(CONFIG_KUNIT = "y")]
#[doc(hidden)]
pub mod testing;
#[cfg(all(CONFIG_KUNIT = "y", CONFIG_REGULATOR))]
mod tests;
mod voltage;

pub use state::{Disabled, Enabled, IsEnabled, RegulatorState};
pub use voltage::Voltage;

/// Keeps others from implementing traits that are closed.
mod private {
    pub trait Sealed {}
}

/// Switches a supply of a device on, until the driver is unbound.
///
/// What else the driver set up through devres after this goes before the supply does.
///
/// C counterpart: `devm_regulator_get_enable()`.
///
/// # Errors
///
/// Those of [`Regulator::<Enabled>::get`](Regulator::<Enabled>::get).
///
/// # Examples
///
/// ```
/// use kernel::{
///     device::{Bound, Device},
///     regulator,
/// };
///
/// fn probe(dev: &Device<Bound>) -> Result {
///     regulator::devm_enable(dev, c"vdd")?;
///     regulator::devm_enable_optional(dev, c"vio").or_else(|error| match error {
///         // The board has no supply of that name, and the hardware needs none.
///         ENODEV => Ok(()),
///         error => Err(error),
///     })
/// }
///
/// # kernel::regulator::testing::assume_all_supplies();
/// # let dev = kernel::device::testing::RootDevice::new(c"rust_doc_devm_enable")?;
/// # // SAFETY: No driver is bound, so what is set up goes when the device does, and nobody misses it.
/// # assert_eq!(probe(unsafe { dev.as_bound() }), Ok(()));
/// # Ok::<(), Error>(())
/// ```
pub fn devm_enable(dev: &Device<Bound>, name: &CStr) -> Result {
    // SAFETY: The device is initialised, by its type invariant, and bound, so that devres releases what
    // this adds. The name ends with a zero byte, and is copied.
    to_result(unsafe { bindings::devm_regulator_get_enable(dev.as_raw(), name.as_char_ptr()) })
}

/// Switches a supply of a device on, if it has that, until the driver is unbound.
///
/// C counterpart: `devm_regulator_get_enable_optional()`.
///
/// # Errors
///
/// `ENODEV` if the supply is not described: the driver decides what that means. Otherwise those of
/// [`devm_enable`].
pub fn devm_enable_optional(dev: &Device<Bound>, name: &CStr) -> Result {
    // SAFETY: The device is initialised, by its type invariant, and bound, so that devres releases what
    // this adds. The name ends with a zero byte, and is copied.
    to_result(unsafe {
        bindings::devm_regulator_get_enable_optional(dev.as_raw(), name.as_char_ptr())
    })
}

/// A regulator that could not be brought into another state, and why.
///
/// It is still what it was.
///
/// # Examples
///
/// ```
/// use kernel::regulator::{self, Disabled, Enabled, Regulator};
///
/// /// Switches a supply on, and tries again once.
/// fn insist(supply: Regulator<Disabled>) -> Result<Regulator<Enabled>> {
///     let supply = match supply.try_into_enabled() {
///         Ok(supply) => return Ok(supply),
///         Err(regulator::Error { regulator, .. }) => regulator,
///     };
///     supply.try_into_enabled().map_err(|again| again.error)
/// }
///
/// # kernel::regulator::testing::assume_all_supplies();
/// # let dev = kernel::device::testing::RootDevice::new(c"rust_doc_insist")?;
/// let supply = insist(Regulator::<Disabled>::get(&dev, c"vdd")?)?;
/// assert!(supply.try_into_disabled().is_ok());
/// # Ok::<(), Error>(())
/// ```
pub struct Error<State: RegulatorState> {
    /// What C said.
    pub error: KernelError,
    /// The regulator, in the state that it had.
    pub regulator: Regulator<State>,
}

/// A regulator, as one user has it, who has switched it on or has not: `State` says which.
///
/// It keeps the structure of the device that it was got for: C's list of who uses which regulator, in
/// debugfs, shows the device's name.
///
/// C counterpart: [`struct regulator`], which `regulator_get()` makes and `regulator_put()` frees.
///
/// # Examples
///
/// A supply that is on for as long as a value of a type of ours exists:
///
/// ```
/// use kernel::{
///     device::Device,
///     regulator::{Enabled, Regulator},
/// };
///
/// struct Sensor {
///     _power: Regulator<Enabled>,
/// }
///
/// impl Sensor {
///     fn new(dev: &Device) -> Result<Self> {
///         Ok(Self {
///             _power: Regulator::<Enabled>::get(dev, c"vdd")?,
///         })
///     }
/// }
///
/// # kernel::regulator::testing::assume_all_supplies();
/// # let dev = kernel::device::testing::RootDevice::new(c"rust_doc_sensor")?;
/// assert!(Sensor::new(&dev).is_ok());
/// # Ok::<(), Error>(())
/// ```
///
/// One that goes on and off:
///
/// ```
/// use kernel::regulator::{Disabled, Regulator};
///
/// # kernel::regulator::testing::assume_all_supplies();
/// # let dev = kernel::device::testing::RootDevice::new(c"rust_doc_on_and_off")?;
/// let supply = Regulator::<Disabled>::get(&dev, c"vdd")?;
/// let supply = supply.try_into_enabled().map_err(|failed| failed.error)?;
/// let supply = supply.try_into_disabled().map_err(|failed| failed.error)?;
/// // What stands in for a supply that nobody describes is always on.
/// assert!(supply.is_enabled());
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// - The pointer is one that `regulator_get()` gave for this device, which was no error. It has not been
///   put.
/// - Through it the regulator has been switched on once more often than off if
///   [`State::DISABLE_ON_DROP`](RegulatorState::DISABLE_ON_DROP), and otherwise as often.
///
/// [`struct regulator`]: srctree/drivers/regulator/internal.h
pub struct Regulator<State>
where
    State: RegulatorState,
{
    regulator: *mut bindings::regulator,
    // C keeps the device's address until the regulator is put.
    dev: ARef<Device>,
    _state: PhantomData<State>,
}

impl<T: RegulatorState> Regulator<T> {
    /// Sets the voltage to one from `min_voltage` to `max_voltage`, as low as there is.
    ///
    /// If others share the regulator, it is one that suits all. It holds for a regulator that is off as
    /// well, once it is on.
    ///
    /// C counterpart: `regulator_set_voltage()`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if the lower end is above the upper one, if the regulator has no voltage in the
    ///   range, or none that suits the others, or can't be set.
    /// - `EPERM` if the board does not want it to be set.
    /// - Those of the regulator's driver.
    pub fn set_voltage(&self, min_voltage: Voltage, max_voltage: Voltage) -> Result {
        // C does not return an error for this, but stops the kernel.
        if min_voltage > max_voltage {
            return Err(EINVAL);
        }
        // SAFETY: By the type invariant it has been got and not been put. The range has two ends.
        to_result(unsafe {
            bindings::regulator_set_voltage(
                self.regulator,
                min_voltage.as_microvolts(),
                max_voltage.as_microvolts(),
            )
        })
    }

    /// The voltage that the regulator is set to, whether it is on or not.
    ///
    /// C counterpart: `regulator_get_voltage()`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if it is not known.
    /// - Those of the regulator's driver.
    pub fn get_voltage(&self) -> Result<Voltage> {
        // SAFETY: By the type invariant it has been got and not been put.
        let voltage = unsafe { bindings::regulator_get_voltage(self.regulator) };
        to_result(voltage)?;
        Ok(Voltage::from_microvolts(voltage))
    }

    /// Changes what the type says.
    ///
    /// # Safety
    ///
    /// What the type invariants say for `Other` is true of `self`.
    unsafe fn into_state<Other: RegulatorState>(self) -> Regulator<Other> {
        let this = ManuallyDrop::new(self);
        // SAFETY: The field is valid, and `this`, which is not dropped, is not used any more.
        let dev = unsafe { ptr::read(&this.dev) };
        // INVARIANT: The caller vouches for the second, and the first is that of `self`.
        Regulator {
            regulator: this.regulator,
            dev,
            _state: PhantomData,
        }
    }
}

impl Regulator<Disabled> {
    /// Gets the regulator of a supply, and leaves it as it is.
    ///
    /// C counterpart: `regulator_get()`.
    ///
    /// # Errors
    ///
    /// - `EPROBE_DEFER` if it is described, but its driver is not there yet. To be passed on by `probe`,
    ///   which is then called again.
    /// - `ENODEV` if it is not described, and not everything is said to be.
    /// - `EPERM` if somebody has it for himself.
    /// - `ENOMEM` without memory.
    pub fn get(dev: &Device, name: &CStr) -> Result<Self> {
        // SAFETY: The device is initialised, by its type invariant, and the field keeps it until the
        // regulator is put. The name ends with a zero byte, and is copied.
        let regulator = unsafe { bindings::regulator_get(dev.as_raw(), name.as_char_ptr()) };
        // INVARIANT: `regulator_get` gave this for the device, and it is no error. Nobody has switched
        // it on through this pointer.
        Ok(Self {
            regulator: from_err_ptr(regulator)?,
            dev: dev.into(),
            _state: PhantomData,
        })
    }

    /// Switches the regulator on.
    ///
    /// C counterpart: `regulator_enable()`.
    ///
    /// # Errors
    ///
    /// `EPERM` if the board does not want it to be switched, and those of the regulator's driver; with
    /// the regulator, which stays off.
    pub fn try_into_enabled(self) -> Result<Regulator<Enabled>, Error<Disabled>> {
        // SAFETY: By the type invariant it has been got and not been put.
        match to_result(unsafe { bindings::regulator_enable(self.regulator) }) {
            // SAFETY: It has been switched on as often as off, and now once more.
            Ok(()) => Ok(unsafe { self.into_state() }),
            Err(error) => Err(Error {
                error,
                regulator: self,
            }),
        }
    }
}

impl Regulator<Enabled> {
    /// Gets the regulator of a supply, and switches it on.
    ///
    /// C counterparts: `regulator_get()` and `regulator_enable()`.
    ///
    /// # Errors
    ///
    /// Those of [`Regulator::<Disabled>::get`](Regulator::<Disabled>::get) and of
    /// [`try_into_enabled`](Regulator::<Disabled>::try_into_enabled).
    pub fn get(dev: &Device, name: &CStr) -> Result<Self> {
        Regulator::<Disabled>::get(dev, name)?
            .try_into_enabled()
            .map_err(|failed| failed.error)
    }

    /// Switches the regulator off, as far as this user goes: it stays on while others need it.
    ///
    /// C counterpart: `regulator_disable()`.
    ///
    /// # Errors
    ///
    /// Those of the regulator's driver; with the regulator, which stays on.
    pub fn try_into_disabled(self) -> Result<Regulator<Disabled>, Error<Enabled>> {
        // SAFETY: By the type invariant it has been got and not been put, and is on through it.
        match to_result(unsafe { bindings::regulator_disable(self.regulator) }) {
            // SAFETY: It was on once more often than off, and now is as often.
            Ok(()) => Ok(unsafe { self.into_state() }),
            Err(error) => Err(Error {
                error,
                regulator: self,
            }),
        }
    }
}

impl<T: IsEnabled> Regulator<T> {
    /// Whether the regulator is on, for whomever.
    ///
    /// If its driver can't find out, it is not said to be.
    ///
    /// C counterpart: `regulator_is_enabled()`.
    pub fn is_enabled(&self) -> bool {
        // SAFETY: By the type invariant it has been got and not been put.
        unsafe { bindings::regulator_is_enabled(self.regulator) > 0 }
    }
}

impl<T: RegulatorState> Drop for Regulator<T> {
    fn drop(&mut self) {
        if T::DISABLE_ON_DROP {
            // If this fails, the regulator stays on, and C warns when it is put.
            //
            // SAFETY: By the type invariant it has been got and not been put, and is on through it.
            unsafe { bindings::regulator_disable(self.regulator) };
        }
        // SAFETY: By the type invariant it has been got and not been put. It is not used any more.
        unsafe { bindings::regulator_put(self.regulator) };
    }
}

// SAFETY: C's functions for regulators have locks of their own, and any thread may put a regulator.
unsafe impl<T: RegulatorState> Send for Regulator<T> {}

// SAFETY: C's functions for regulators have locks of their own.
unsafe impl<T: RegulatorState> Sync for Regulator<T> {}
