// SPDX-License-Identifier: GPL-2.0

//! The interrupts of a device.

use super::*;
use crate::{
    device::Bound,
    irq::{self, IrqRequest},
};

impl Device<Bound> {
    /// Takes what C returns: the number of an interrupt, or an error.
    ///
    /// # Safety
    ///
    /// `irq` comes from a function that returns the number of an interrupt of this device's, or a
    /// negative error.
    unsafe fn irq_request(&self, irq: c_int) -> Result<IrqRequest<'_>> {
        let irq = u32::try_from(irq).map_err(|_| Error::from_errno(irq))?;
        // SAFETY: The caller says that it is one of this device's. A device keeps its interrupts.
        Ok(unsafe { IrqRequest::new(self.as_ref(), irq) })
    }

    /// The interrupt with that number, counted from 0.
    ///
    /// C counterpart: `platform_get_irq()`.
    ///
    /// # Errors
    ///
    /// `ENXIO` if there is none, `EPROBE_DEFER` if its controller is not there yet, and others of C's.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::Bound, platform};
    ///
    /// fn line(pdev: &platform::Device<Bound>) -> Result<u32> {
    ///     Ok(pdev.irq_by_index(0)?.irq())
    /// }
    ///
    /// # let pdev = platform::testing::Registered::new(c"rust_doc_irq")?;
    /// # // SAFETY: Nothing here relies on the driver, which there is not.
    /// # let pdev = unsafe { pdev.as_bound() };
    /// assert_eq!(line(pdev), Err(ENXIO));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn irq_by_index(&self, index: u32) -> Result<IrqRequest<'_>> {
        // SAFETY: By the type invariants the device is valid.
        let irq = unsafe { bindings::platform_get_irq(self.as_raw(), index) };
        // SAFETY: That is what this function returns.
        unsafe { self.irq_request(irq) }
    }

    /// The interrupt with that name.
    ///
    /// C counterpart: `platform_get_irq_byname()`.
    ///
    /// # Errors
    ///
    /// `ENXIO` if there is none, `EPROBE_DEFER` if its controller is not there yet, and others of C's.
    pub fn irq_by_name(&self, name: &CStr) -> Result<IrqRequest<'_>> {
        // SAFETY: By the type invariants the device is valid; the name is a string.
        let irq = unsafe { bindings::platform_get_irq_byname(self.as_raw(), name.as_char_ptr()) };
        // SAFETY: That is what this function returns.
        unsafe { self.irq_request(irq) }
    }

    /// The interrupt with that number, counted from 0. There is no line in the log if there is none.
    ///
    /// C counterpart: `platform_get_irq_optional()`.
    ///
    /// # Errors
    ///
    /// `ENXIO` if there is none, `EPROBE_DEFER` if its controller is not there yet, and others of C's.
    pub fn optional_irq_by_index(&self, index: u32) -> Result<IrqRequest<'_>> {
        // SAFETY: By the type invariants the device is valid.
        let irq = unsafe { bindings::platform_get_irq_optional(self.as_raw(), index) };
        // SAFETY: That is what this function returns.
        unsafe { self.irq_request(irq) }
    }

    /// The interrupt with that name. There is no line in the log if there is none.
    ///
    /// C counterpart: `platform_get_irq_byname_optional()`.
    ///
    /// # Errors
    ///
    /// `ENXIO` if there is none, `EPROBE_DEFER` if its controller is not there yet, and others of C's.
    pub fn optional_irq_by_name(&self, name: &CStr) -> Result<IrqRequest<'_>> {
        // SAFETY: By the type invariants the device is valid; the name is a string.
        let irq = unsafe {
            bindings::platform_get_irq_byname_optional(self.as_raw(), name.as_char_ptr())
        };
        // SAFETY: That is what this function returns.
        unsafe { self.irq_request(irq) }
    }

    /// Has the interrupt with that number, counted from 0, handled.
    ///
    /// `name` is what it is called in `/proc/interrupts`.
    ///
    /// C counterpart: `request_irq()`.
    ///
    /// # Errors
    ///
    /// As for [`irq_by_index`](Self::irq_by_index), as for
    /// [`irq::Registration::new`], and that of `handler`.
    pub fn request_irq_by_index<'a, T: irq::Handler + 'static>(
        &'a self,
        flags: irq::Flags,
        index: u32,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<irq::Registration<T>, Error> + 'a {
        plain(move || self.irq_by_index(index), flags, name, handler)
    }

    /// Has the interrupt with that name, handled.
    ///
    /// `name` is what it is called in `/proc/interrupts`.
    ///
    /// C counterpart: `request_irq()`.
    ///
    /// # Errors
    ///
    /// As for [`irq_by_name`](Self::irq_by_name), as for
    /// [`irq::Registration::new`], and that of `handler`.
    pub fn request_irq_by_name<'a, T: irq::Handler + 'static>(
        &'a self,
        flags: irq::Flags,
        irq_name: &'a CStr,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<irq::Registration<T>, Error> + 'a {
        plain(move || self.irq_by_name(irq_name), flags, name, handler)
    }

    /// Has the interrupt with that number, counted from 0, handled. There is no line in the log if there
    /// is none.
    ///
    /// `name` is what it is called in `/proc/interrupts`.
    ///
    /// C counterpart: `request_irq()`.
    ///
    /// # Errors
    ///
    /// As for [`optional_irq_by_index`](Self::optional_irq_by_index), as for
    /// [`irq::Registration::new`], and that of `handler`.
    pub fn request_optional_irq_by_index<'a, T: irq::Handler + 'static>(
        &'a self,
        flags: irq::Flags,
        index: u32,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<irq::Registration<T>, Error> + 'a {
        plain(
            move || self.optional_irq_by_index(index),
            flags,
            name,
            handler,
        )
    }

    /// Has the interrupt with that name, handled. There is no line in the log if there is none.
    ///
    /// `name` is what it is called in `/proc/interrupts`.
    ///
    /// C counterpart: `request_irq()`.
    ///
    /// # Errors
    ///
    /// As for [`optional_irq_by_name`](Self::optional_irq_by_name), as for
    /// [`irq::Registration::new`], and that of `handler`.
    pub fn request_optional_irq_by_name<'a, T: irq::Handler + 'static>(
        &'a self,
        flags: irq::Flags,
        irq_name: &'a CStr,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<irq::Registration<T>, Error> + 'a {
        plain(
            move || self.optional_irq_by_name(irq_name),
            flags,
            name,
            handler,
        )
    }

    /// Has the interrupt with that number, counted from 0, handled in a thread.
    ///
    /// `name` is what it is called in `/proc/interrupts`.
    ///
    /// C counterpart: `request_threaded_irq()`.
    ///
    /// # Errors
    ///
    /// As for [`irq_by_index`](Self::irq_by_index), as for
    /// [`irq::ThreadedRegistration::new`], and that of `handler`.
    pub fn request_threaded_irq_by_index<'a, T: irq::ThreadedHandler + 'static>(
        &'a self,
        flags: irq::Flags,
        index: u32,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<irq::ThreadedRegistration<T>, Error> + 'a {
        threaded(move || self.irq_by_index(index), flags, name, handler)
    }

    /// Has the interrupt with that name, handled in a thread.
    ///
    /// `name` is what it is called in `/proc/interrupts`.
    ///
    /// C counterpart: `request_threaded_irq()`.
    ///
    /// # Errors
    ///
    /// As for [`irq_by_name`](Self::irq_by_name), as for
    /// [`irq::ThreadedRegistration::new`], and that of `handler`.
    pub fn request_threaded_irq_by_name<'a, T: irq::ThreadedHandler + 'static>(
        &'a self,
        flags: irq::Flags,
        irq_name: &'a CStr,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<irq::ThreadedRegistration<T>, Error> + 'a {
        threaded(move || self.irq_by_name(irq_name), flags, name, handler)
    }

    /// Has the interrupt with that number, counted from 0, handled in a thread. There is no line in the log
    /// if there is none.
    ///
    /// `name` is what it is called in `/proc/interrupts`.
    ///
    /// C counterpart: `request_threaded_irq()`.
    ///
    /// # Errors
    ///
    /// As for [`optional_irq_by_index`](Self::optional_irq_by_index), as for
    /// [`irq::ThreadedRegistration::new`], and that of `handler`.
    pub fn request_optional_threaded_irq_by_index<'a, T: irq::ThreadedHandler + 'static>(
        &'a self,
        flags: irq::Flags,
        index: u32,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<irq::ThreadedRegistration<T>, Error> + 'a {
        threaded(
            move || self.optional_irq_by_index(index),
            flags,
            name,
            handler,
        )
    }

    /// Has the interrupt with that name, handled in a thread. There is no line in the log if there is
    /// none.
    ///
    /// `name` is what it is called in `/proc/interrupts`.
    ///
    /// C counterpart: `request_threaded_irq()`.
    ///
    /// # Errors
    ///
    /// As for [`optional_irq_by_name`](Self::optional_irq_by_name), as for
    /// [`irq::ThreadedRegistration::new`], and that of `handler`.
    pub fn request_optional_threaded_irq_by_name<'a, T: irq::ThreadedHandler + 'static>(
        &'a self,
        flags: irq::Flags,
        irq_name: &'a CStr,
        name: &'static CStr,
        handler: impl PinInit<T, Error> + 'a,
    ) -> impl PinInit<irq::ThreadedRegistration<T>, Error> + 'a {
        threaded(
            move || self.optional_irq_by_name(irq_name),
            flags,
            name,
            handler,
        )
    }
}

/// Requests the interrupt when the registration is initialised, and not before.
fn plain<'a, T: irq::Handler + 'static>(
    request: impl FnOnce() -> Result<IrqRequest<'a>> + 'a,
    flags: irq::Flags,
    name: &'static CStr,
    handler: impl PinInit<T, Error> + 'a,
) -> impl PinInit<irq::Registration<T>, Error> + 'a {
    pin_init::pin_init_scope(move || Ok(irq::Registration::new(request()?, flags, name, handler)))
}

/// As [`plain`], for a handler with a thread.
fn threaded<'a, T: irq::ThreadedHandler + 'static>(
    request: impl FnOnce() -> Result<IrqRequest<'a>> + 'a,
    flags: irq::Flags,
    name: &'static CStr,
    handler: impl PinInit<T, Error> + 'a,
) -> impl PinInit<irq::ThreadedRegistration<T>, Error> + 'a {
    pin_init::pin_init_scope(move || {
        Ok(irq::ThreadedRegistration::new(
            request()?,
            flags,
            name,
            handler,
        ))
    })
}
