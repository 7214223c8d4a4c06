// SPDX-License-Identifier: GPL-2.0

//! Clocks, from the side of those who need them.
//!
//! Parts of a chip run on clock signals that the kernel can switch on and off, and some of which it
//! can set to another rate. Which signal goes where, the firmware says (`clocks` and `clock-names` in
//! a device tree), or a board's code (`clkdev`). A driver asks for those of its device by name:
//!
//! 1. Get the clock: [`Clk::get`], or [`OptionalClk::get`] where hardware may do without.
//! 2. Switch it on before the hardware is touched: [`Clk::prepare_enable`]. Where that has to happen
//!    in atomic context, it is done in two steps: [`Clk::prepare`] may sleep, [`Clk::enable`] does not.
//! 3. Switch it off again, as often as it was switched on: [`Clk::disable_unprepare`].
//!
//! # What C counts, and what it does not
//!
//! A clock that several drivers share is on for as long as one of them needs it: C counts. It counts a
//! clock's users together and does not know who has switched it on. So a [`Clk`] that is dropped while
//! it is on leaves the clock on, for good. And to switch it off more often than on takes it from
//! somebody else; C warns only when there is nobody left. Neither endangers memory.
//!
//! # Configurations without clocks
//!
//! Without `CONFIG_HAVE_CLK` there is a [`Clk`] for every name, and it does nothing: all that may fail
//! succeeds, and its rate is 0. That is as C has it, so drivers need no condition.
//!
//! C header: [`include/linux/clk.h`](srctree/include/linux/clk.h), with
//! [`drivers/clk/clk.c`](srctree/drivers/clk/clk.c).

use crate::{
    bindings,
    device::Device,
    error::{from_err_ptr, to_result},
    prelude::*,
    sync::aref::ARef,
};
use core::{ops::Deref, ptr};

mod hertz;
#[cfg(all(CONFIG_KUNIT = "y", CONFIG_COMMON_CLK))]
mod tests;

pub use hertz::Hertz;

/// A clock signal, as one user has it.
///
/// It keeps the structure of the device that it was got for: C's list of who uses which clock, in
/// debugfs, shows the device's name.
///
/// C counterpart: [`struct clk`], which `clk_get()` makes and `clk_put()` frees.
///
/// # Examples
///
/// ```
/// use kernel::{
///     clk::{Clk, Hertz},
///     device::Device,
/// };
///
/// struct Uart {
///     clock: Clk,
/// }
///
/// impl Uart {
///     fn new(dev: &Device) -> Result<Self> {
///         let clock = Clk::get(dev, Some(c"baudclk"))?;
///         if clock.rate() < Hertz::from_khz(115) {
///             clock.set_rate(Hertz::from_mhz(2))?;
///         }
///         clock.prepare_enable()?;
///         Ok(Self { clock })
///     }
/// }
///
/// impl Drop for Uart {
///     fn drop(&mut self) {
///         self.clock.disable_unprepare();
///     }
/// }
///
/// # let dev = kernel::device::testing::RootDevice::new(c"rust_doc_uart")?;
/// // This device has no such clock.
/// # #[cfg(CONFIG_HAVE_CLK)]
/// assert_eq!(Uart::new(&dev).err(), Some(ENOENT));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The pointer is one that `clk_get()` gave for this device, which was no error; or null, for a clock
/// that there is not. It has not been put.
///
/// [`struct clk`]: srctree/drivers/clk/clk.c
pub struct Clk {
    clk: *mut bindings::clk,
    // C keeps the device's address and that of its name until the clock is put.
    _dev: ARef<Device>,
}

impl Clk {
    /// Gets a clock of a device, by its name there; without a name, the device's first.
    ///
    /// To be called where sleeping is allowed.
    ///
    /// C counterpart: `clk_get()`.
    ///
    /// # Errors
    ///
    /// - `ENOENT` if nobody says which clock that is.
    /// - `EPROBE_DEFER` if somebody does, but its driver is not there yet. To be passed on by `probe`,
    ///   which is then called again.
    /// - `EINVAL` for what the device tree says in a wrong way.
    /// - `ENOMEM` without memory.
    pub fn get(dev: &Device, name: Option<&CStr>) -> Result<Self> {
        // SAFETY: The device is initialised, by its type invariant, and `_dev` keeps it until the clock
        // is put. The name ends with a zero byte or is null, and is copied.
        let clk = unsafe { bindings::clk_get(dev.as_raw(), name_or_null(name)) };
        // INVARIANT: `clk_get` gave this for the device, and it is no error.
        Ok(Self {
            clk: from_err_ptr(clk)?,
            _dev: dev.into(),
        })
    }

    /// The C structure, or null for a clock that there is not.
    pub fn as_raw(&self) -> *mut bindings::clk {
        self.clk
    }

    /// Lets the signal run, of a clock that is prepared.
    ///
    /// Never sleeps.
    ///
    /// C counterpart: `clk_enable()`.
    ///
    /// # Errors
    ///
    /// `ESHUTDOWN` if the clock is not prepared, with a warning; and those of the clock's driver.
    pub fn enable(&self) -> Result {
        // SAFETY: By the type invariant it has been got and not been put, or is null.
        to_result(unsafe { bindings::clk_enable(self.clk) })
    }

    /// Takes back one [`enable`](Self::enable): the signal may stop.
    ///
    /// Never sleeps. C warns if the signal was not enabled, and does nothing then.
    ///
    /// C counterpart: `clk_disable()`.
    pub fn disable(&self) {
        // SAFETY: By the type invariant it has been got and not been put, or is null.
        unsafe { bindings::clk_disable(self.clk) };
    }

    /// Prepares the clock, for [`enable`](Self::enable).
    ///
    /// To be called where sleeping is allowed: the clock may take its time to become steady, or sit on
    /// a slow bus.
    ///
    /// C counterpart: `clk_prepare()`.
    ///
    /// # Errors
    ///
    /// Those of the clock's driver.
    pub fn prepare(&self) -> Result {
        // SAFETY: By the type invariant it has been got and not been put, or is null.
        to_result(unsafe { bindings::clk_prepare(self.clk) })
    }

    /// Takes back one [`prepare`](Self::prepare).
    ///
    /// To be called where sleeping is allowed, and after what it was prepared for has been disabled. C
    /// warns if the clock was not prepared, and does nothing then.
    ///
    /// C counterpart: `clk_unprepare()`.
    pub fn unprepare(&self) {
        // SAFETY: By the type invariant it has been got and not been put, or is null.
        unsafe { bindings::clk_unprepare(self.clk) };
    }

    /// Prepares the clock and lets its signal run: both or neither.
    ///
    /// To be called where sleeping is allowed.
    ///
    /// C counterpart: `clk_prepare_enable()`.
    ///
    /// # Errors
    ///
    /// Those of the clock's driver.
    pub fn prepare_enable(&self) -> Result {
        // SAFETY: By the type invariant it has been got and not been put, or is null.
        to_result(unsafe { bindings::clk_prepare_enable(self.clk) })
    }

    /// Takes back one [`prepare_enable`](Self::prepare_enable).
    ///
    /// To be called where sleeping is allowed.
    ///
    /// C counterpart: `clk_disable_unprepare()`.
    pub fn disable_unprepare(&self) {
        // SAFETY: By the type invariant it has been got and not been put, or is null.
        unsafe { bindings::clk_disable_unprepare(self.clk) };
    }

    /// The rate of the clock, which others may change; 0 if it is not known, or there is no clock.
    ///
    /// It need not be running. To be called where sleeping is allowed.
    ///
    /// C counterpart: `clk_get_rate()`.
    pub fn rate(&self) -> Hertz {
        // SAFETY: By the type invariant it has been got and not been put, or is null.
        Hertz(unsafe { bindings::clk_get_rate(self.clk) })
    }

    /// Sets the rate of the clock, to one that it can have near the one asked for:
    /// [`rate`](Self::rate) says which that is.
    ///
    /// To be called where sleeping is allowed. A clock that there is not takes any rate.
    ///
    /// C counterpart: `clk_set_rate()`.
    ///
    /// # Errors
    ///
    /// - `EBUSY` if somebody has the right to set it to himself, or if it must not change while it
    ///   is prepared.
    /// - `EINVAL` if it has no rate near that one.
    /// - Those of the clock's driver.
    pub fn set_rate(&self, rate: Hertz) -> Result {
        // SAFETY: By the type invariant it has been got and not been put, or is null.
        to_result(unsafe { bindings::clk_set_rate(self.clk, rate.as_hz()) })
    }
}

impl Drop for Clk {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it has been got and not been put, or is null. It is not used
        // any more.
        unsafe { bindings::clk_put(self.clk) };
    }
}

// SAFETY: C's functions for clocks have locks of their own, and any thread may put a clock.
unsafe impl Send for Clk {}

// SAFETY: C's functions for clocks have locks of their own.
unsafe impl Sync for Clk {}

/// A clock that a device may have, and may not.
///
/// Without one, all that can be done with a [`Clk`] succeeds and does nothing, and the rate is 0.
///
/// # Examples
///
/// ```
/// use kernel::{
///     clk::{Hertz, OptionalClk},
///     device::Device,
/// };
///
/// fn start(dev: &Device) -> Result<OptionalClk> {
///     let clock = OptionalClk::get(dev, Some(c"stacks"))?;
///     clock.prepare_enable()?;
///     Ok(clock)
/// }
///
/// # let dev = kernel::device::testing::RootDevice::new(c"rust_doc_stacks")?;
/// let clock = start(&dev)?;
/// assert_eq!(clock.rate(), Hertz(0));
/// clock.disable_unprepare();
/// # Ok::<(), Error>(())
/// ```
pub struct OptionalClk(Clk);

impl OptionalClk {
    /// Gets a clock of a device, by its name there, if there is one; without a name, the device's
    /// first.
    ///
    /// To be called where sleeping is allowed.
    ///
    /// C counterpart: `clk_get_optional()`.
    ///
    /// # Errors
    ///
    /// As [`Clk::get`], but for `ENOENT`.
    pub fn get(dev: &Device, name: Option<&CStr>) -> Result<Self> {
        // SAFETY: The device is initialised, by its type invariant, and `_dev` keeps it until the clock
        // is put. The name ends with a zero byte or is null, and is copied.
        let clk = unsafe { bindings::clk_get_optional(dev.as_raw(), name_or_null(name)) };
        // INVARIANT: It is null, or `clk_get` gave it for the device; and it is no error.
        Ok(Self(Clk {
            clk: from_err_ptr(clk)?,
            _dev: dev.into(),
        }))
    }
}

impl Deref for OptionalClk {
    type Target = Clk;

    fn deref(&self) -> &Clk {
        &self.0
    }
}

/// The name as C takes it.
fn name_or_null(name: Option<&CStr>) -> *const c_char {
    name.map_or(ptr::null(), |name| name.as_char_ptr())
}
