// SPDX-License-Identifier: GPL-2.0

//! What a driver keeps with a device from `probe` to `unbind`.

use super::{CoreInternal, Device};
use crate::{bindings, prelude::*};
use core::ptr::NonNull;

impl<'a> Device<CoreInternal<'a>> {
    /// Initialises the driver's data, and stores them with the device.
    ///
    /// They are pinned. The device core does not know how to free them: the abstraction of the bus
    /// takes them back when the driver is unbound. It also has to see to it that there are none yet.
    ///
    /// C counterpart: `dev_set_drvdata()`.
    ///
    /// # Errors
    ///
    /// - `ENOMEM` without memory.
    /// - The error of `data`. Either way nothing is stored.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::device::{CoreInternal, Device};
    /// struct Data {
    ///     channels: u32,
    /// }
    ///
    /// fn bus_probe(dev: &Device<CoreInternal<'_>>) -> Result {
    ///     dev.set_drvdata(try_init!(Data { channels: 4 }))
    /// }
    ///
    /// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_drvdata")?;
    /// # // SAFETY: The device is registered, and nothing here relies on its lock, or on a driver.
    /// # let dev = unsafe { Device::<CoreInternal<'_>>::from_raw(root.as_raw()) };
    /// bus_probe(dev)?;
    /// // SAFETY: They are `Data`, and stay for as long as the borrow.
    /// assert_eq!(unsafe { dev.drvdata_borrow::<Data>() }.channels, 4);
    /// # // SAFETY: As above, and nobody has them borrowed.
    /// # drop(unsafe { dev.drvdata_obtain::<Data>() });
    /// # Ok::<(), Error>(())
    /// ```
    pub fn set_drvdata<T>(&self, data: impl PinInit<T, Error>) -> Result {
        let data = KBox::pin_init(data, GFP_KERNEL)?;
        // SAFETY: They stay in their allocation until `drvdata_obtain` has them back as pinned.
        let data = KBox::into_raw(unsafe { Pin::into_inner_unchecked(data) });
        // SAFETY: The structure is initialised, by the type invariants. In this context nobody else
        // looks at the field.
        unsafe { bindings::dev_set_drvdata(self.as_raw(), data.cast()) };
        Ok(())
    }

    /// The driver's data.
    ///
    /// C counterpart: `dev_get_drvdata()`.
    ///
    /// # Safety
    ///
    /// The device has data that [`set_drvdata`](Self::set_drvdata) has stored for this same `T`, and
    /// they are not taken away while the result is borrowed.
    pub unsafe fn drvdata_borrow<T>(&self) -> Pin<&T> {
        // SAFETY: The structure is initialised, by the type invariants.
        let data = unsafe { bindings::dev_get_drvdata(self.as_raw()) }.cast::<T>();
        // SAFETY: The caller says that `set_drvdata` has stored a pointer to a `T`, which lives.
        let data = unsafe { &*data };
        // SAFETY: `set_drvdata` has pinned them.
        unsafe { Pin::new_unchecked(data) }
    }

    /// Takes the driver's data away from the device, if it has any.
    ///
    /// Not API: for the abstractions of buses, when the driver is unbound.
    ///
    /// # Safety
    ///
    /// If the device has data, [`set_drvdata`](Self::set_drvdata) has stored them for this same `T`,
    /// and nobody has them borrowed.
    #[doc(hidden)]
    pub unsafe fn drvdata_obtain<T>(&self) -> Option<Pin<KBox<T>>> {
        // SAFETY: The structure is initialised, by the type invariants.
        let data = unsafe { bindings::dev_get_drvdata(self.as_raw()) }.cast::<T>();
        let data = NonNull::new(data)?;
        // SAFETY: As above; in this context nobody else looks at the field.
        unsafe { bindings::dev_set_drvdata(self.as_raw(), core::ptr::null_mut()) };
        // SAFETY: `set_drvdata` has it from a `KBox<T>`, as the caller says, and the field that owned
        // it does so no more.
        let data = unsafe { KBox::from_raw(data.as_ptr()) };
        Some(KBox::into_pin(data))
    }
}
