// SPDX-License-Identifier: GPL-2.0

//! Interrupts that can be requested, and those that are.

use super::{
    target::{Requested, Target},
    Flags, Handler, ThreadedHandler,
};
use crate::{
    device::{Bound, Device},
    devres::Devres,
    prelude::*,
};
use core::ptr::NonNull;

/// An interrupt of a device, which can be requested while the device's driver is bound.
///
/// The device's bus gives it.
///
/// # Invariants
///
/// `irq` is an interrupt of the device, and stays so for as long as the driver is bound.
pub struct IrqRequest<'a> {
    dev: &'a Device<Bound>,
    irq: u32,
}

impl<'a> IrqRequest<'a> {
    /// Makes one of a number.
    ///
    /// Not API: for the crates of the buses, which know the numbers.
    ///
    /// # Safety
    ///
    /// `irq` is an interrupt of the device, and stays so for as long as the driver is bound.
    #[doc(hidden)]
    pub unsafe fn new(dev: &'a Device<Bound>, irq: u32) -> Self {
        // INVARIANT: The caller says so.
        Self { dev, irq }
    }

    /// The number of the interrupt, as in `/proc/interrupts`.
    pub fn irq(&self) -> u32 {
        self.irq
    }

    /// The device.
    pub(super) fn device(&self) -> &'a Device<Bound> {
        self.dev
    }
}

/// A handler that is called for an interrupt, for as long as this exists and the driver is bound.
///
/// To be made, and to be dropped, where sleeping is allowed.
///
/// C counterpart: `request_irq()` and `free_irq()`.
///
/// # Examples
///
/// A button that counts how often it was pressed:
///
/// ```
/// use kernel::{
///     device::{Bound, Device},
///     irq::{Flags, Handler, IrqRequest, IrqReturn, Registration},
///     sync::atomic::{Atomic, Relaxed},
/// };
///
/// struct Presses(Atomic<u32>);
///
/// impl Handler for Presses {
///     fn handle(&self, _dev: &Device<Bound>) -> IrqReturn {
///         self.0.add(1, Relaxed);
///         IrqReturn::Handled
///     }
/// }
///
/// #[pin_data]
/// struct Button {
///     #[pin]
///     irq: Registration<Presses>,
/// }
///
/// impl Button {
///     fn new<'a>(request: IrqRequest<'a>) -> impl PinInit<Self, Error> + 'a {
///         let presses = Ok(Presses(Atomic::new(0)));
///         try_pin_init!(Self {
///             irq <- Registration::new(request, Flags::TRIGGER_NONE, c"rust_doc_button", presses),
///         })
///     }
///
///     fn presses(&self) -> u32 {
///         self.irq.handler().0.load(Relaxed)
///     }
/// }
///
/// # let dev = kernel::irq::testing::BoundDevice::new(c"rust_doc_button")?;
/// # let line = kernel::irq::testing::Interrupt::new()?;
/// # let request = line.request(&dev);
/// let button = KBox::pin_init(Button::new(request), GFP_KERNEL)?;
/// # line.raise();
/// # line.raise();
/// assert_eq!(button.presses(), 2);
/// # // What uses the interrupt goes before it does.
/// # drop(button);
/// # Ok::<(), Error>(())
/// ```
#[pin_data]
pub struct Registration<T: Handler> {
    // Dropped first: afterwards nobody calls the handler.
    requested: Devres<Requested>,
    #[pin]
    target: Target<T>,
}

impl<T: Handler> Registration<T> {
    /// Requests an interrupt for a handler.
    ///
    /// `name` is shown in `/proc/interrupts`. The handler may be called before this returns.
    ///
    /// # Errors
    ///
    /// - `EBUSY` if somebody has the interrupt, and both do not [share](Flags::SHARED) it, on the same
    ///   conditions.
    /// - `EINVAL` for flags that do not go together, and for an interrupt that can't be requested.
    /// - `ENOMEM` without memory.
    /// - Those of `handler`.
    pub fn new<'a>(
        request: IrqRequest<'a>,
        flags: Flags,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<Self, Error> + 'a {
        try_pin_init!(&this in Self {
            target <- Target::new(request.dev, request.irq, handler),
            requested: {
                // SAFETY: `this` is allocated.
                let target = unsafe { &raw mut (*this.as_ptr()).target };
                // SAFETY: It is not null, as it lies in an allocation.
                let target = unsafe { NonNull::new_unchecked(target) };
                // SAFETY: It is initialised by now, and pinned. It is dropped after `requested`, whose
                // drop waits for what is in it to be dropped; and if this fails, there is none.
                unsafe { Requested::plain(&request, target, flags, name) }?
            },
        })
    }

    /// The handler.
    pub fn handler(&self) -> &T {
        &self.target.handler
    }

    /// Waits until the handler is not running, or has finished that run.
    ///
    /// To be called where sleeping is allowed, and not by the handler.
    ///
    /// C counterpart: `synchronize_irq()`.
    ///
    /// # Errors
    ///
    /// Those of [`Devres::access`], for a device that the interrupt is not of.
    pub fn synchronize(&self, dev: &Device<Bound>) -> Result {
        self.requested.access(dev)?.synchronize();
        Ok(())
    }

    /// Waits until the handler is not running, or has finished that run, if the driver is still bound.
    ///
    /// It waits for whoever is unbinding the driver. To be called where sleeping is allowed, and not by
    /// the handler.
    ///
    /// C counterpart: `synchronize_irq()`.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the driver was unbound: then the handler has not been running since.
    pub fn try_synchronize(&self) -> Result {
        self.target.line().try_synchronize()
    }
}

/// A handler that is called for an interrupt, at first where it hits and then in a thread, for as long as
/// this exists and the driver is bound.
///
/// To be made, and to be dropped, where sleeping is allowed.
///
/// C counterpart: `request_threaded_irq()` and `free_irq()`.
///
/// # Examples
///
/// A sensor that is read over a slow bus:
///
/// ```
/// use kernel::{
///     device::{Bound, Device},
///     irq::{Flags, IrqReturn, ThreadedHandler, ThreadedRegistration},
///     new_mutex,
///     sync::Mutex,
/// };
///
/// #[pin_data]
/// struct Readings {
///     #[pin]
///     all: Mutex<KVec<u32>>,
/// }
///
/// impl ThreadedHandler for Readings {
///     fn handle_threaded(&self, _dev: &Device<Bound>) -> IrqReturn {
///         // Both may sleep.
///         match self.all.lock().push(21, GFP_KERNEL) {
///             Ok(()) => IrqReturn::Handled,
///             Err(_) => IrqReturn::None,
///         }
///     }
/// }
///
/// let readings = try_pin_init!(Readings {
///     all <- new_mutex!(KVec::new()),
/// });
/// # let dev = kernel::irq::testing::BoundDevice::new(c"rust_doc_sensor")?;
/// # let line = kernel::irq::testing::Interrupt::new()?;
/// # let request = line.request(&dev);
/// let sensor = KBox::pin_init(
///     ThreadedRegistration::new(request, Flags::ONESHOT, c"rust_doc_sensor", readings),
///     GFP_KERNEL,
/// )?;
/// # line.raise();
/// sensor.synchronize(&dev)?;
/// assert_eq!(sensor.handler().all.lock().len(), 1);
/// # // What uses the interrupt goes before it does.
/// # drop(sensor);
/// # Ok::<(), Error>(())
/// ```
#[pin_data]
pub struct ThreadedRegistration<T: ThreadedHandler> {
    // Dropped first: afterwards nobody calls the handler.
    requested: Devres<Requested>,
    #[pin]
    target: Target<T>,
}

impl<T: ThreadedHandler> ThreadedRegistration<T> {
    /// Requests an interrupt for a handler with a thread.
    ///
    /// `name` is shown in `/proc/interrupts`, and is part of the thread's. The handler may be called
    /// before this returns.
    ///
    /// # Errors
    ///
    /// - `EBUSY` if somebody has the interrupt, and both do not [share](Flags::SHARED) it, on the same
    ///   conditions.
    /// - `EINVAL` for flags that do not go together, and for an interrupt that can't be requested.
    /// - `ENOMEM` without memory, and `EINTR` if the task was killed meanwhile.
    /// - Those of `handler`.
    pub fn new<'a>(
        request: IrqRequest<'a>,
        flags: Flags,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<Self, Error> + 'a {
        try_pin_init!(&this in Self {
            target <- Target::new(request.dev, request.irq, handler),
            requested: {
                // SAFETY: `this` is allocated.
                let target = unsafe { &raw mut (*this.as_ptr()).target };
                // SAFETY: It is not null, as it lies in an allocation.
                let target = unsafe { NonNull::new_unchecked(target) };
                // SAFETY: It is initialised by now, and pinned. It is dropped after `requested`, whose
                // drop waits for what is in it to be dropped; and if this fails, there is none.
                unsafe { Requested::threaded(&request, target, flags, name) }?
            },
        })
    }

    /// The handler.
    pub fn handler(&self) -> &T {
        &self.target.handler
    }

    /// Waits until the handler is not running, in neither of its parts, or has finished that run.
    ///
    /// To be called where sleeping is allowed, and not by the handler.
    ///
    /// C counterpart: `synchronize_irq()`.
    ///
    /// # Errors
    ///
    /// Those of [`Devres::access`], for a device that the interrupt is not of.
    pub fn synchronize(&self, dev: &Device<Bound>) -> Result {
        self.requested.access(dev)?.synchronize();
        Ok(())
    }

    /// Waits until the handler is not running, in neither of its parts, or has finished that run, if the
    /// driver is still bound.
    ///
    /// It waits for whoever is unbinding the driver. To be called where sleeping is allowed, and not by
    /// the handler.
    ///
    /// C counterpart: `synchronize_irq()`.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the driver was unbound: then the handler has not been running since.
    pub fn try_synchronize(&self) -> Result {
        self.target.line().try_synchronize()
    }
}
