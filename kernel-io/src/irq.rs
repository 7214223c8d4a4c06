// SPDX-License-Identifier: GPL-2.0

//! Interrupts, from the side of the devices' drivers.
//!
//! A device's bus knows which interrupts the device has, and gives an [`IrqRequest`] for one. With that,
//! with [`Flags`] and with a handler, a driver makes a registration, which it keeps among its data:
//!
//! | handler | registration | where the handler runs |
//! | --- | --- | --- |
//! | [`Handler`] | [`Registration`] | where the interrupt hits: it must not sleep |
//! | [`ThreadedHandler`] | [`ThreadedRegistration`] | first there, and then, if need be, in a thread of its own, where it may sleep |
//!
//! A handler is called with a shared reference to itself, on any CPU. What it changes lies in an
//! [`Atomic`], or in a lock that is taken with interrupts off elsewhere.
//!
//! # How long a handler is called
//!
//! From before the registration is complete, until it is dropped or the driver is unbound, whichever is
//! first. Both wait for handlers that are running: afterwards none is. So the handler may rely on the
//! device being bound, and gets it as a [`Device<Bound>`].
//!
//! Because they wait, a handler must neither drop its own registration nor
//! [`synchronize`](Registration::synchronize) with it, and whoever does must not hold a lock that
//! the handler takes.
//!
//! C header: [`include/linux/interrupt.h`](srctree/include/linux/interrupt.h), with
//! [`kernel/irq/manage.c`](srctree/kernel/irq/manage.c).
//!
//! [`Atomic`]: crate::sync::atomic::Atomic
//! [`Device<Bound>`]: crate::device::Bound

mod flags;
mod handler;
mod request;
mod target;
#[cfg(CONFIG_KUNIT = "y")]
#[doc(hidden)]
pub mod testing;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use flags::Flags;
pub use handler::{Handler, IrqReturn, ThreadedHandler, ThreadedIrqReturn};
pub use request::{IrqRequest, Registration, ThreadedRegistration};
