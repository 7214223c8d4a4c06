// SPDX-License-Identifier: GPL-2.0

//! Lines in the log about a device.
//!
//! One macro, and one method below it, for each level of [`printk`]. A line starts with the driver,
//! or the bus, and the name of the device.
//!
//! [`printk`]: srctree/include/linux/dev_printk.h

use super::{Device, DeviceContext};
use crate::fmt;
#[cfg(CONFIG_PRINTK)]
use crate::{bindings, ffi::c_void, prelude::*};

/// What a line of each level begins with, for `_dev_printk`.
#[cfg(CONFIG_PRINTK)]
pub(super) mod header {
    use crate::prelude::*;

    pub(in super::super) const EMERG: &CStr = c"\x010";
    pub(in super::super) const ALERT: &CStr = c"\x011";
    pub(in super::super) const CRIT: &CStr = c"\x012";
    pub(in super::super) const ERR: &CStr = c"\x013";
    pub(in super::super) const WARN: &CStr = c"\x014";
    pub(in super::super) const NOTICE: &CStr = c"\x015";
    pub(in super::super) const INFO: &CStr = c"\x016";
    pub(in super::super) const DBG: &CStr = c"\x017";
}

/// Defines a method for each level, all of which take what [`fmt!`](macro@crate::prelude::fmt) makes.
macro_rules! print_methods {
    ($($(#[$attribute:meta])* $method:ident => $header:ident;)+) => {
        impl<Ctx: DeviceContext> Device<Ctx> {
            $(
                $(#[$attribute])*
                #[cfg_attr(not(CONFIG_PRINTK), expect(unused_variables))]
                pub fn $method(&self, args: fmt::Arguments<'_>) {
                    #[cfg(CONFIG_PRINTK)]
                    self.print(header::$header, args);
                }
            )+
        }
    };
}

print_methods! {
    /// Prints a line at level 0: the system is unusable.
    ///
    /// [`dev_emerg!`](crate::dev_emerg) takes a format string and what belongs into it instead.
    pr_emerg => EMERG;
    /// Prints a line at level 1: somebody must act at once.
    ///
    /// [`dev_alert!`](crate::dev_alert) takes a format string and what belongs into it instead.
    pr_alert => ALERT;
    /// Prints a line at level 2: something serious failed.
    ///
    /// [`dev_crit!`](crate::dev_crit) takes a format string and what belongs into it instead.
    pr_crit => CRIT;
    /// Prints a line at level 3: something failed.
    ///
    /// [`dev_err!`](crate::dev_err) takes a format string and what belongs into it instead.
    pr_err => ERR;
    /// Prints a line at level 4: something is odd, and may become a problem.
    ///
    /// [`dev_warn!`](crate::dev_warn) takes a format string and what belongs into it instead.
    pr_warn => WARN;
    /// Prints a line at level 5: all is well, but worth to know.
    ///
    /// [`dev_notice!`](crate::dev_notice) takes a format string and what belongs into it instead.
    pr_notice => NOTICE;
    /// Prints a line at level 6: for information.
    ///
    /// [`dev_info!`](crate::dev_info) takes a format string and what belongs into it instead.
    pr_info => INFO;
    /// Prints a line at level 7: for debugging.
    ///
    /// [`dev_dbg!`](crate::dev_dbg) takes a format string and what belongs into it instead.
    pr_dbg => DBG;
}

#[cfg(CONFIG_PRINTK)]
impl<Ctx: DeviceContext> Device<Ctx> {
    /// Prints a line that begins with `header`, which has to be one of those above.
    fn print(&self, header: &'static CStr, args: fmt::Arguments<'_>) {
        // SAFETY: The header is one of printk's. The device is alive, by the type invariants. The
        // format string asks for a pointer to format arguments, and gets it; they are borrowed until
        // the function returns, which does not keep them.
        unsafe {
            bindings::_dev_printk(
                header.as_char_ptr(),
                self.as_raw(),
                c"%pA".as_char_ptr(),
                core::ptr::from_ref(&args).cast::<c_void>(),
            )
        };
    }
}

/// What the `dev_` macros expand to. Not API.
#[doc(hidden)]
#[macro_export]
macro_rules! __dev_print {
    ($method:ident, $dev:expr, $($arg:tt)+) => {
        $crate::device::Device::$method($dev.as_ref(), $crate::prelude::fmt!($($arg)+))
    };
}

/// Prints a line about a device at level 0: the system is unusable. C's [`dev_emerg`].
///
/// The device is anything with an `as_ref` that gives a [`Device`](crate::device::Device): one, an
/// [`ARef`](crate::sync::aref::ARef) of one, or the device of a bus. What follows is as for
/// [`fmt!`](macro@crate::prelude::fmt). The line ends with `\n`, which the caller writes.
///
/// # Examples
///
/// ```
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_dev_emerg")?;
/// # let dev: &kernel::device::Device = &root;
/// let degrees = 131;
/// dev_emerg!(dev, "{degrees} degrees, cutting the power (not really: this is an example)\n");
/// assert_eq!(dev.name(), c"rust_doc_dev_emerg");
/// # Ok::<(), Error>(())
/// ```
///
/// [`dev_emerg`]: srctree/include/linux/dev_printk.h
#[macro_export]
macro_rules! dev_emerg {
    ($dev:expr, $($arg:tt)+) => {
        $crate::__dev_print!(pr_emerg, $dev, $($arg)+)
    };
}

/// Prints a line about a device at level 1: somebody must act at once. C's [`dev_alert`].
///
/// # Examples
///
/// ```
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_dev_alert")?;
/// # let dev: &kernel::device::Device = &root;
/// let volts = 11;
/// dev_alert!(dev, "supply is down to {} V (an example)\n", volts);
/// assert_eq!(dev.name(), c"rust_doc_dev_alert");
/// # Ok::<(), Error>(())
/// ```
///
/// [`dev_alert`]: srctree/include/linux/dev_printk.h
#[macro_export]
macro_rules! dev_alert {
    ($dev:expr, $($arg:tt)+) => {
        $crate::__dev_print!(pr_alert, $dev, $($arg)+)
    };
}

/// Prints a line about a device at level 2: something serious failed. C's [`dev_crit`].
///
/// # Examples
///
/// ```
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_dev_crit")?;
/// # let dev: &kernel::device::Device = &root;
/// let fans = [true, false];
/// dev_crit!(dev, "{} of {} fans turn (an example)\n", fans.iter().filter(|on| **on).count(), fans.len());
/// assert_eq!(dev.name(), c"rust_doc_dev_crit");
/// # Ok::<(), Error>(())
/// ```
///
/// [`dev_crit`]: srctree/include/linux/dev_printk.h
#[macro_export]
macro_rules! dev_crit {
    ($dev:expr, $($arg:tt)+) => {
        $crate::__dev_print!(pr_crit, $dev, $($arg)+)
    };
}

/// Prints a line about a device at level 3: something failed. C's [`dev_err`].
///
/// # Examples
///
/// ```
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_dev_err")?;
/// # let dev: &kernel::device::Device = &root;
/// let error = EIO;
/// dev_err!(dev, "self-test: {:?} (an example)\n", error);
/// assert_eq!(dev.name(), c"rust_doc_dev_err");
/// # Ok::<(), Error>(())
/// ```
///
/// [`dev_err`]: srctree/include/linux/dev_printk.h
#[macro_export]
macro_rules! dev_err {
    ($dev:expr, $($arg:tt)+) => {
        $crate::__dev_print!(pr_err, $dev, $($arg)+)
    };
}

/// Prints a line about a device at level 4: something is odd, and may become a problem. C's [`dev_warn`].
///
/// # Examples
///
/// ```
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_dev_warn")?;
/// # let dev: &kernel::device::Device = &root;
/// let (retries, limit) = (9, 10);
/// dev_warn!(dev, "{retries} of {limit} retries used (an example)\n");
/// assert_eq!(dev.name(), c"rust_doc_dev_warn");
/// # Ok::<(), Error>(())
/// ```
///
/// [`dev_warn`]: srctree/include/linux/dev_printk.h
#[macro_export]
macro_rules! dev_warn {
    ($dev:expr, $($arg:tt)+) => {
        $crate::__dev_print!(pr_warn, $dev, $($arg)+)
    };
}

/// Prints a line about a device at level 5: all is well, but worth to know. C's [`dev_notice`].
///
/// # Examples
///
/// ```
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_dev_notice")?;
/// # let dev: &kernel::device::Device = &root;
/// let lanes = 2;
/// dev_notice!(dev, "link came up with {lanes} lanes only (an example)\n");
/// assert_eq!(dev.name(), c"rust_doc_dev_notice");
/// # Ok::<(), Error>(())
/// ```
///
/// [`dev_notice`]: srctree/include/linux/dev_printk.h
#[macro_export]
macro_rules! dev_notice {
    ($dev:expr, $($arg:tt)+) => {
        $crate::__dev_print!(pr_notice, $dev, $($arg)+)
    };
}

/// Prints a line about a device at level 6: for information. C's [`dev_info`].
///
/// # Examples
///
/// ```
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_dev_info")?;
/// # let dev: &kernel::device::Device = &root;
/// let revision = 0xc1;
/// dev_info!(dev, "revision {revision:#x} (an example)\n");
/// assert_eq!(dev.name(), c"rust_doc_dev_info");
/// # Ok::<(), Error>(())
/// ```
///
/// [`dev_info`]: srctree/include/linux/dev_printk.h
#[macro_export]
macro_rules! dev_info {
    ($dev:expr, $($arg:tt)+) => {
        $crate::__dev_print!(pr_info, $dev, $($arg)+)
    };
}

/// Prints a line about a device at level 7: for debugging. C's [`dev_dbg`].
///
/// Only with debug assertions (`CONFIG_RUST_DEBUG_ASSERTIONS`); otherwise nothing is evaluated, though
/// it has to compile. It is not among those that dynamic debugging switches.
///
/// # Examples
///
/// ```
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_dev_dbg")?;
/// # let dev: &kernel::device::Device = &root;
/// let register = 0x40;
/// dev_dbg!(dev, "status {register:08b} (an example)\n");
/// assert_eq!(dev.name(), c"rust_doc_dev_dbg");
/// # Ok::<(), Error>(())
/// ```
///
/// [`dev_dbg`]: srctree/include/linux/dev_printk.h
#[macro_export]
macro_rules! dev_dbg {
    ($dev:expr, $($arg:tt)+) => {
        if ::core::cfg!(debug_assertions) {
            $crate::__dev_print!(pr_dbg, $dev, $($arg)+)
        }
    };
}
