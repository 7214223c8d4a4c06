// SPDX-License-Identifier: GPL-2.0

//! Interrupts and a device for tests and examples.
//!
//! Not API.

use super::IrqRequest;
use crate::{
    bindings,
    device::{Bound, Device},
    error::to_result,
    faux,
    prelude::*,
};
use core::{ops::Deref, ptr};

/// A device without hardware, on the faux bus, with that bus's driver bound to it until this is dropped.
pub struct BoundDevice(faux::Registration);

impl BoundDevice {
    /// Makes a device.
    ///
    /// # Errors
    ///
    /// Those of [`faux::Registration::new`].
    pub fn new(name: &CStr) -> Result<Self> {
        Ok(Self(faux::Registration::new(name, None)?))
    }
}

impl Deref for BoundDevice {
    type Target = Device<Bound>;

    fn deref(&self) -> &Device<Bound> {
        // SAFETY: A faux device is bound for as long as it is there.
        unsafe { self.0.as_ref().as_bound() }
    }
}

/// C's `NUMA_NO_NODE`, which may be in parentheses there.
const NO_NODE: c_int = -1;

/// An interrupt without hardware, which can be raised at will.
///
/// It is one of those that C does not keep for who comes later: raised while nobody has it, it is lost.
///
/// What has requested it is to be dropped first.
///
/// # Invariants
///
/// The number is one that `__irq_alloc_descs` gave, and has not been freed.
pub struct Interrupt(u32);

impl Interrupt {
    /// Makes an interrupt.
    ///
    /// # Errors
    ///
    /// `ENOMEM` without memory, or without a free number.
    pub fn new() -> Result<Self> {
        // SAFETY: Any number will do, and there need be neither an owner nor affinities.
        let irq =
            unsafe { bindings::__irq_alloc_descs(-1, 0, 1, NO_NODE, ptr::null_mut(), ptr::null()) };
        to_result(irq)?;
        // INVARIANT: This number was allocated just now.
        let this = Self(irq as u32);
        let chip = &raw const bindings::dummy_irq_chip;
        // SAFETY: The number is allocated, the chip and the flow handler are there for good, and there
        // need not be a name.
        unsafe {
            bindings::irq_set_chip_and_handler_name(
                this.0,
                chip,
                Some(bindings::handle_simple_irq),
                ptr::null(),
            )
        };
        // SAFETY: As above.
        unsafe { bindings::irq_modify_status(this.0, 0, bindings::IRQ_LEVEL as c_ulong) };
        Ok(this)
    }

    /// The request for it, as an interrupt of `dev`.
    pub fn request<'a>(&self, dev: &'a Device<Bound>) -> IrqRequest<'a> {
        // SAFETY: It is nobody else's, and what has requested it goes first, as the documentation asks.
        unsafe { IrqRequest::new(dev, self.0) }
    }

    /// Raises it: calls the handlers, where sleeping is not allowed.
    pub fn raise(&self) {
        // SAFETY: By the type invariant the number is allocated.
        unsafe { bindings::generic_handle_irq_safe(self.0) };
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it has been allocated and not been freed.
        unsafe { bindings::irq_free_descs(self.0, 1) };
    }
}
