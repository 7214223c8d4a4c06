// SPDX-License-Identifier: GPL-2.0

//! What C is given for an interrupt, and calls.

use super::{Flags, Handler, IrqRequest, ThreadedHandler};
use crate::{
    bindings,
    device::{Bound, Device},
    devres::{BoundSection, Devres},
    error::to_result,
    new_mutex,
    prelude::*,
    sync::{aref::ARef, Mutex},
};
use core::{marker::PhantomPinned, ptr::NonNull};

/// What the callbacks find behind the pointer that C gives them.
///
/// All of it is initialised before the interrupt is requested, as handlers are called from then on.
#[pin_data]
pub(super) struct Target<T> {
    #[pin]
    line: Line,
    #[pin]
    pub(super) handler: T,
    // C has a pointer to it.
    #[pin]
    _pin: PhantomPinned,
}

impl<T> Target<T> {
    /// Initialises one for an interrupt of a device, which is not requested yet.
    pub(super) fn new<'a>(
        dev: &'a Device<Bound>,
        irq: u32,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<Self, Error> + 'a
    where
        T: 'a,
    {
        try_pin_init!(Self {
            line <- Line::new(dev.into(), irq),
            handler <- handler,
            _pin: PhantomPinned,
        })
    }

    /// What the registration is about.
    pub(super) fn line(&self) -> &Line {
        &self.line
    }

    /// Calls `f` with the handler and the device, whose driver is bound.
    ///
    /// # Safety
    ///
    /// The caller is a callback for a [`Requested`] interrupt, and `target` is what C gave it.
    unsafe fn in_callback<R>(target: *mut c_void, f: impl FnOnce(&T, &Device<Bound>) -> R) -> R {
        // What the device takes back before the interrupt stays meanwhile for who got it by the device.
        let _section = BoundSection::enter();
        // SAFETY: C gives callbacks the pointer that the interrupt was requested with, to a valid
        // `Target<T>`; and `free_irq`, which the drop of `Requested` calls first, waits for callbacks.
        let target = unsafe { &*target.cast::<Self>() };
        // SAFETY: `Requested` is dropped before the driver is unbound, and waits for this callback.
        let dev = unsafe { target.line.dev.as_bound() };
        f(&target.handler, dev)
    }
}

/// An interrupt of a device, and whether it is requested.
#[pin_data]
pub(super) struct Line {
    dev: ARef<Device>,
    irq: u32,
    /// Whether there is a [`Requested`]. Who finds one and keeps the lock keeps that.
    #[pin]
    is_requested: Mutex<bool>,
}

impl Line {
    fn new(dev: ARef<Device>, irq: u32) -> impl PinInit<Self> {
        pin_init!(Self {
            dev,
            irq,
            is_requested <- new_mutex!(false),
        })
    }

    /// Waits for the handlers that are running, if the interrupt is requested.
    pub(super) fn try_synchronize(&self) -> Result {
        let is_requested = self.is_requested.lock();
        if !*is_requested {
            return Err(ENODEV);
        }
        // SAFETY: The interrupt is requested, and stays so while the lock is held.
        unsafe { synchronize(self.irq) };
        Ok(())
    }
}

/// Waits until no handler of an interrupt is running, neither of its parts.
///
/// # Safety
///
/// The interrupt is requested by somebody, and stays so for the length of the call.
unsafe fn synchronize(irq: u32) {
    // SAFETY: An interrupt that is requested has a descriptor, for as long as it is.
    unsafe { bindings::synchronize_irq(irq) };
}

/// An interrupt that C has a handler for, until this is dropped.
///
/// # Invariants
///
/// - The interrupt of `line` was requested with `cookie`, and has not been freed.
/// - `line` is valid.
pub(super) struct Requested {
    line: NonNull<Line>,
    cookie: *mut c_void,
}

impl Requested {
    /// Requests the interrupt of `target`, for a handler without a thread, for as long as the driver is
    /// bound, or less.
    ///
    /// # Safety
    ///
    /// `target` is initialised, and stays where it is until the result has been dropped.
    pub(super) unsafe fn plain<T: Handler>(
        request: &IrqRequest<'_>,
        target: NonNull<Target<T>>,
        flags: Flags,
        name: &'static CStr,
    ) -> Result<Devres<Self>> {
        // As C's `request_irq()`: to go along with a thread of somebody who shares the interrupt.
        let flags = flags.as_raw() | bindings::IRQF_COND_ONESHOT as c_ulong;
        // SAFETY: The caller vouches for the target, which the callback is for.
        unsafe { Self::new(request, target, flags, name, handle_plain::<T>, None) }
    }

    /// As [`plain`](Self::plain), for a handler with a thread.
    ///
    /// # Safety
    ///
    /// `target` is initialised, and stays where it is until the result has been dropped.
    pub(super) unsafe fn threaded<T: ThreadedHandler>(
        request: &IrqRequest<'_>,
        target: NonNull<Target<T>>,
        flags: Flags,
        name: &'static CStr,
    ) -> Result<Devres<Self>> {
        let thread = Some(handle_thread::<T> as Callback);
        // SAFETY: The caller vouches for the target, which the callbacks are for.
        unsafe {
            Self::new(
                request,
                target,
                flags.as_raw(),
                name,
                handle_first::<T>,
                thread,
            )
        }
    }

    /// Requests the interrupt of `target`.
    ///
    /// # Safety
    ///
    /// `target` is initialised, and stays where it is until the result has been dropped. The callbacks
    /// may be called with it until then.
    unsafe fn new<T>(
        request: &IrqRequest<'_>,
        target: NonNull<Target<T>>,
        flags: c_ulong,
        name: &'static CStr,
        handler: Callback,
        thread: Option<Callback>,
    ) -> Result<Devres<Self>> {
        let cookie = target.as_ptr().cast();
        // SAFETY: The caller says that it is initialised, and it is only borrowed as shared.
        let line = unsafe { target.as_ref() }.line();
        // Taken first, so that nobody finds it requested before this returns, or while it fails.
        let mut is_requested = line.is_requested.lock();
        // SAFETY: The interrupt is one of a device whose driver is bound, by the type invariant of
        // `IrqRequest`. The name is static. The callbacks may be called with the cookie until
        // `free_irq`, which is before the caller takes the target away.
        to_result(unsafe {
            bindings::request_threaded_irq(
                line.irq,
                Some(handler),
                thread,
                flags,
                name.as_char_ptr(),
                cookie,
            )
        })?;
        *is_requested = true;
        drop(is_requested);
        // INVARIANT: It was requested with the cookie. The line lies in the target.
        let requested = Self {
            line: line.into(),
            cookie,
        };
        // Without memory for it this drops what it is given, and thus frees the interrupt. The entry
        // that it makes is dropped before the driver is unbound.
        Devres::new(request.device(), requested)
    }

    /// Waits until no handler of the interrupt is running, neither of its parts.
    pub(super) fn synchronize(&self) {
        // SAFETY: By the type invariant it is valid.
        let irq = unsafe { self.line.as_ref() }.irq;
        // SAFETY: By the type invariant it is requested, which it stays while `self` is borrowed.
        unsafe { synchronize(irq) };
    }
}

impl Drop for Requested {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is valid.
        let line = unsafe { self.line.as_ref() };
        // Whoever has the lock is waiting for handlers, and needs the interrupt for that.
        let mut is_requested = line.is_requested.lock();
        *is_requested = false;
        // SAFETY: By the type invariant it was requested with the cookie and has not been freed.
        unsafe { bindings::free_irq(line.irq, self.cookie) };
    }
}

// SAFETY: Any thread may free an interrupt, and the line may be shared with all.
unsafe impl Send for Requested {}

// SAFETY: A shared reference allows to wait for handlers, which any thread may.
unsafe impl Sync for Requested {}

/// What C calls.
type Callback = unsafe extern "C" fn(c_int, *mut c_void) -> bindings::irqreturn_t;

/// Calls a handler without a thread.
///
/// # Safety
///
/// C calls it for an interrupt that [`Requested::plain`] has requested for a `Target<T>`.
unsafe extern "C" fn handle_plain<T: Handler>(
    _irq: c_int,
    target: *mut c_void,
) -> bindings::irqreturn_t {
    // SAFETY: This is a callback for a requested interrupt, and `target` is what C gave it.
    unsafe {
        Target::<T>::in_callback(target, |handler, dev| {
            handler.handle(dev) as bindings::irqreturn_t
        })
    }
}

/// Calls the first part of a handler with a thread.
///
/// # Safety
///
/// C calls it for an interrupt that [`Requested::threaded`] has requested for a `Target<T>`.
unsafe extern "C" fn handle_first<T: ThreadedHandler>(
    _irq: c_int,
    target: *mut c_void,
) -> bindings::irqreturn_t {
    // SAFETY: This is a callback for a requested interrupt, and `target` is what C gave it.
    unsafe {
        Target::<T>::in_callback(target, |handler, dev| {
            handler.handle(dev) as bindings::irqreturn_t
        })
    }
}

/// Calls the second part of a handler with a thread.
///
/// # Safety
///
/// C calls it for an interrupt that [`Requested::threaded`] has requested for a `Target<T>`.
unsafe extern "C" fn handle_thread<T: ThreadedHandler>(
    _irq: c_int,
    target: *mut c_void,
) -> bindings::irqreturn_t {
    // SAFETY: This is a callback for a requested interrupt, and `target` is what C gave it.
    unsafe {
        Target::<T>::in_callback(target, |handler, dev| {
            handler.handle_threaded(dev) as bindings::irqreturn_t
        })
    }
}
