// SPDX-License-Identifier: GPL-2.0

//! Drivers, and what C calls in them.

use super::*;
use crate::{acpi, device::CoreInternal, driver, of, ThisModule};
use core::ptr;

/// A driver of platform devices.
///
/// # Examples
///
/// ```
/// use kernel::{device::Core, driver, of, platform};
///
/// /// How many channels a chip has.
/// struct Model(u32);
///
/// kernel::of_device_table!(
///     OF_TABLE,
///     MODULE_OF_TABLE,
///     Model,
///     [
///         (of::DeviceId::new(c"acme,adc-4"), Model(4)),
///         (of::DeviceId::new(c"acme,adc-8"), Model(8)),
///     ]
/// );
///
/// struct Adc {
///     channels: u32,
/// }
///
/// impl platform::Driver for Adc {
///     type IdInfo = Model;
///     type Data<'bound> = Self;
///     const OF_ID_TABLE: Option<of::IdTable<Model>> = Some(&OF_TABLE);
///
///     fn probe<'bound>(
///         pdev: &'bound platform::Device<Core<'_>>,
///         info: Option<&'bound Model>,
///     ) -> impl PinInit<Self, Error> + 'bound {
///         // Without one, the device was matched by its name.
///         let channels = info.map_or(1, |model| model.0);
///         dev_info!(pdev, "{channels} channels\n");
///         Ok(Self { channels })
///     }
///
///     fn unbind<'bound>(pdev: &'bound platform::Device<Core<'_>>, this: Pin<&Self>) {
///         dev_info!(pdev, "{} channels are gone\n", this.channels);
///     }
/// }
///
/// # let registered = platform::testing::register::<Adc>(c"rust_doc_adc")?;
/// # let pdev = platform::testing::Registered::new(c"rust_doc_adc")?;
/// # assert!(pdev.is_bound());
/// # drop(registered);
/// # assert!(!pdev.is_bound());
/// # Ok::<(), Error>(())
/// ```
pub trait Driver {
    /// What the tables say about each kind of device.
    type IdInfo: 'static;

    /// What the driver keeps for a device, while that is bound.
    type Data<'bound>: Send + 'bound;

    /// The devices of device trees that the driver is for.
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = None;

    /// The devices of ACPI tables that the driver is for.
    const ACPI_ID_TABLE: Option<acpi::IdTable<Self::IdInfo>> = None;

    /// Takes a device.
    ///
    /// `info` is what the table says about it; there is none for a device that was matched by its name,
    /// or because an administrator said so.
    ///
    /// # Errors
    ///
    /// The device stays unbound then. `EPROBE_DEFER` is for what is not there yet: the kernel tries
    /// again later. `ENODEV` and `ENXIO` say that the device is none for the driver, which is no error
    /// for the log.
    fn probe<'bound>(
        dev: &'bound Device<Core<'_>>,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    /// Lets a device go, before the data are dropped.
    ///
    /// For what can't wait until then, or has to be done with the device's lock held. By default it
    /// does nothing.
    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

/// What makes a [`Driver`] one of C's.
///
/// For [`driver::Registration`], by way of [`module_platform_driver!`](crate::module_platform_driver).
///
/// # Examples
///
/// ```
/// use kernel::{driver::DriverLayout, platform};
///
/// /// Where the driver's own part begins, for a `T` that is a driver.
/// fn offset<T: platform::Driver>() -> usize {
///     platform::Adapter::<T>::DEVICE_DRIVER_OFFSET
/// }
///
/// # use kernel::{bindings, device::Core};
/// # struct Never;
/// # impl platform::Driver for Never {
/// #     type IdInfo = ();
/// #     type Data<'bound> = Self;
/// #     fn probe<'bound>(
/// #         _: &'bound platform::Device<Core<'_>>,
/// #         _: Option<&'bound ()>,
/// #     ) -> impl PinInit<Self, Error> + 'bound {
/// #         Err::<Self, _>(ENODEV)
/// #     }
/// # }
/// assert_eq!(offset::<Never>(), core::mem::offset_of!(bindings::platform_driver, driver));
/// ```
pub struct Adapter<T: Driver>(PhantomData<T>);

// SAFETY: The offset is that of the field. The data are what `probe_callback` stores; C has them until the
// driver is unbound, and `Driver::Data` may use what there is for as long.
unsafe impl<T: Driver> driver::DriverLayout for Adapter<T> {
    type DriverType = bindings::platform_driver;
    type DriverData<'bound> = T::Data<'bound>;
    const DEVICE_DRIVER_OFFSET: usize = offset_of!(bindings::platform_driver, driver);
}

// SAFETY: Where `register` returns no error, the driver is registered until `unregister`, and no callback
// of it runs afterwards.
unsafe impl<T: Driver> driver::RegistrationOps for Adapter<T> {
    unsafe fn register(
        pdrv: &Opaque<Self::DriverType>,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result {
        let pdrv = pdrv.get();
        let of_table = T::OF_ID_TABLE.map_or(ptr::null(), |table| table.as_ptr());
        let acpi_table = T::ACPI_ID_TABLE.map_or(ptr::null(), |table| table.as_ptr());

        // SAFETY: The caller says that it is valid, and not registered yet.
        unsafe { (*pdrv).driver.name = name.as_char_ptr() };
        // SAFETY: As above.
        unsafe { (*pdrv).driver.of_match_table = of_table };
        // SAFETY: As above.
        unsafe { (*pdrv).driver.acpi_match_table = acpi_table };
        // SAFETY: As above.
        unsafe { (*pdrv).probe = Some(Self::probe_callback) };
        // SAFETY: As above.
        unsafe { (*pdrv).remove = Some(Self::remove_callback) };

        // SAFETY: The driver is set up, and the caller keeps it in place until it is unregistered. Its
        // name and its tables are static, and end as C expects; the callbacks are as long as their code,
        // which C keeps by `module`. The name is also the one that the module has in sysfs.
        to_result(unsafe {
            bindings::__platform_driver_register(pdrv, module.as_ptr(), name.as_char_ptr())
        })
    }

    unsafe fn unregister(pdrv: &Opaque<Self::DriverType>) {
        // SAFETY: The caller says that it is registered.
        unsafe { bindings::platform_driver_unregister(pdrv.get()) };
    }
}

impl<T: Driver> Adapter<T> {
    /// What C calls to bind a device.
    extern "C" fn probe_callback(pdev: *mut bindings::platform_device) -> c_int {
        // SAFETY: `platform_probe` passes a device of its bus that is registered, with its lock held, and
        // it stays bound until the driver core has called `remove_callback`, or got an error here. The
        // layout does not depend on the context.
        let pdev = unsafe { &*pdev.cast::<Device<CoreInternal<'_>>>() };
        let info = <Self as driver::Adapter>::id_info(pdev.as_ref());

        from_result(|| {
            let data = T::probe(pdev, info);
            pdev.as_ref().set_drvdata(data)?;
            Ok(0)
        })
    }

    /// What C calls when a device is unbound.
    extern "C" fn remove_callback(pdev: *mut bindings::platform_device) {
        // SAFETY: `platform_remove` passes a device that is bound to this driver, with its lock held. The
        // layout does not depend on the context.
        let pdev = unsafe { &*pdev.cast::<Device<CoreInternal<'_>>>() };
        // SAFETY: `probe_callback` has stored them, since it returned no error; and they are taken away
        // when this has returned, by the callback of the registration.
        let data = unsafe { pdev.as_ref().drvdata_borrow::<T::Data<'_>>() };
        T::unbind(pdev, data);
    }
}

impl<T: Driver> driver::Adapter for Adapter<T> {
    type IdInfo = T::IdInfo;

    fn of_id_table() -> Option<of::IdTable<Self::IdInfo>> {
        T::OF_ID_TABLE
    }

    fn acpi_id_table() -> Option<acpi::IdTable<Self::IdInfo>> {
        T::ACPI_ID_TABLE
    }
}
