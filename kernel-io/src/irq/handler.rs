// SPDX-License-Identifier: GPL-2.0

//! What is called for an interrupt.

use crate::{
    alloc::Allocator,
    bindings,
    device::{Bound, Device},
    prelude::*,
    sync::Arc,
};

/// What a handler says about an interrupt.
///
/// C counterpart: `irqreturn_t`.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IrqReturn {
    /// It was not from this device.
    ///
    /// If nobody else says otherwise, and this goes on, C switches the interrupt off.
    None = bindings::irqreturn_IRQ_NONE,

    /// It was from this device, and is dealt with.
    Handled = bindings::irqreturn_IRQ_HANDLED,
}

/// What the first part of a threaded handler says about an interrupt.
///
/// C counterpart: `irqreturn_t`.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadedIrqReturn {
    /// It was not from this device.
    ///
    /// If nobody else says otherwise, and this goes on, C switches the interrupt off.
    None = bindings::irqreturn_IRQ_NONE,

    /// It was from this device, and is dealt with.
    Handled = bindings::irqreturn_IRQ_HANDLED,

    /// The second part is to be called, in the thread.
    WakeThread = bindings::irqreturn_IRQ_WAKE_THREAD,
}

/// What is called where an interrupt hits.
///
/// C counterpart: `irq_handler_t`.
pub trait Handler: Sync + 'static {
    /// Handles an interrupt.
    ///
    /// Called with interrupts off on this CPU: it must not sleep, and should be short. C does not call
    /// it on two CPUs at a time for one interrupt.
    fn handle(&self, device: &Device<Bound>) -> IrqReturn;
}

/// What is called where an interrupt hits, and then in a thread.
///
/// C counterpart: the two `irq_handler_t` of `request_threaded_irq()`.
pub trait ThreadedHandler: Sync + 'static {
    /// Has a first look at an interrupt, and says whether the thread is needed.
    ///
    /// Called with interrupts off on this CPU: it must not sleep, and should be short. If it is not
    /// written, the thread is always needed. See [`Flags::ONESHOT`](super::Flags::ONESHOT) for
    /// interrupts that go on until the device is silenced.
    #[expect(
        unused_variables,
        reason = "the name of the parameter is part of the documentation"
    )]
    fn handle(&self, device: &Device<Bound>) -> ThreadedIrqReturn {
        ThreadedIrqReturn::WakeThread
    }

    /// Handles an interrupt in the thread.
    ///
    /// It may sleep. Several interrupts meanwhile are one when it is called again.
    ///
    /// It must not wait for a driver to be unbound, from this device or from any other, as the drop of an
    /// auxiliary registration does: that waits for the handlers of all devices. Work in a queue may.
    fn handle_threaded(&self, device: &Device<Bound>) -> IrqReturn;
}

impl<T: ?Sized + Handler + Send> Handler for Arc<T> {
    fn handle(&self, device: &Device<Bound>) -> IrqReturn {
        T::handle(self, device)
    }
}

impl<T: ?Sized + ThreadedHandler + Send> ThreadedHandler for Arc<T> {
    fn handle(&self, device: &Device<Bound>) -> ThreadedIrqReturn {
        T::handle(self, device)
    }

    fn handle_threaded(&self, device: &Device<Bound>) -> IrqReturn {
        T::handle_threaded(self, device)
    }
}

impl<T: ?Sized + Handler, A: Allocator + 'static> Handler for Box<T, A> {
    fn handle(&self, device: &Device<Bound>) -> IrqReturn {
        T::handle(self, device)
    }
}

impl<T: ?Sized + ThreadedHandler, A: Allocator + 'static> ThreadedHandler for Box<T, A> {
    fn handle(&self, device: &Device<Bound>) -> ThreadedIrqReturn {
        T::handle(self, device)
    }

    fn handle_threaded(&self, device: &Device<Bound>) -> IrqReturn {
        T::handle_threaded(self, device)
    }
}
