// SPDX-License-Identifier: GPL-2.0

//! Drivers for clients.

use super::{DeviceId, I2cClient, IdTable};
use crate::{
    acpi, bindings, device,
    device_id::RawDeviceIdIndex,
    devres, driver,
    error::{from_result, to_result},
    of,
    prelude::*,
    types::Opaque,
};
use core::{marker::PhantomData, mem::offset_of, ptr};

/// A driver for clients on an I2C bus.
///
/// At least one of the three tables has to be there, or nothing could ever match.
///
/// # Examples
///
/// ```
/// use kernel::{device::Core, i2c};
///
/// struct Adc {
///     channels: u8,
/// }
///
/// kernel::i2c_device_table! {
///     TABLE,
///     MODULE_TABLE,
///     <Adc as i2c::Driver>::IdInfo,
///     [(i2c::DeviceId::new(c"rust-doc-adc"), 4)]
/// }
///
/// impl i2c::Driver for Adc {
///     type IdInfo = u8;
///     type Data<'bound> = Self;
///
///     const I2C_ID_TABLE: Option<i2c::IdTable<Self::IdInfo>> = Some(&TABLE);
///
///     fn probe<'bound>(
///         client: &'bound i2c::I2cClient<Core<'_>>,
///         info: Option<&'bound Self::IdInfo>,
///     ) -> impl PinInit<Self, Error> + 'bound {
///         let channels = info.copied().unwrap_or(1);
///         dev_info!(client.as_ref(), "{channels} channels\n");
///         Ok(Self { channels })
///     }
///
///     fn unbind<'bound>(client: &'bound i2c::I2cClient<Core<'_>>, this: Pin<&Self>) {
///         dev_info!(client.as_ref(), "{} channels less\n", this.channels);
///     }
/// }
///
/// # use kernel::{driver::Registration, ThisModule};
/// # // SAFETY: The pointer is null, as for what is built in.
/// # static MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// # let bus = i2c::testing::Bus::new()?;
/// # let client = bus.client(c"rust-doc-adc", 0x48)?;
/// # let new = Registration::<i2c::Adapter<Adc>>::new(c"rust_doc_adc", &MODULE);
/// # let driver = KBox::pin_init(new, GFP_KERNEL)?;
/// # assert!(client.is_bound());
/// # drop(driver);
/// # assert!(!client.is_bound());
/// # Ok::<(), Error>(())
/// ```
///
/// In a module of its own, [`module_i2c_driver!`](crate::module_i2c_driver) registers it.
pub trait Driver {
    /// What the driver knows about each id.
    type IdInfo: 'static;

    /// What the driver keeps for a client from `probe` to after `unbind`.
    type Data<'bound>: Send + 'bound;

    /// The ids in ACPI tables.
    const ACPI_ID_TABLE: Option<acpi::IdTable<Self::IdInfo>> = None;

    /// The names of clients.
    const I2C_ID_TABLE: Option<IdTable<Self::IdInfo>> = None;

    /// The ids in device trees.
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = None;

    /// Begins to drive a client, and makes what is to be kept for it.
    ///
    /// `id_info` is that of the id that matched: one of the firmware's, if the client comes from there,
    /// and else that of its name.
    ///
    /// # Errors
    ///
    /// Any: the client is left without a driver, and the log says so, but for `ENODEV` and `ENXIO`.
    /// `EPROBE_DEFER` has it tried again later.
    fn probe<'bound>(
        dev: &'bound I2cClient<device::Core<'_>>,
        id_info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    /// Makes the client quiet, before the system is shut down or restarted.
    ///
    /// The driver stays bound.
    fn shutdown<'bound>(dev: &'bound I2cClient<device::Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }

    /// Ends the driving of a client, which may be gone already.
    ///
    /// What was kept for it is dropped afterwards.
    fn unbind<'bound>(dev: &'bound I2cClient<device::Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

/// What makes a [`Driver`] one that can be [registered](crate::driver::Registration).
///
/// # Examples
///
/// ```
/// use kernel::{driver::{DriverLayout, Registration}, i2c};
///
/// /// What a module of a driver `T` keeps.
/// #[pin_data]
/// struct Module<T: i2c::Driver> {
///     #[pin]
///     driver: Registration<i2c::Adapter<T>>,
/// }
///
/// fn c_size<T: i2c::Driver>() -> usize {
///     size_of::<<i2c::Adapter<T> as DriverLayout>::DriverType>()
/// }
/// # use kernel::device::Core;
/// # struct None;
/// # impl i2c::Driver for None {
/// #     type IdInfo = ();
/// #     type Data<'bound> = ();
/// #     fn probe<'bound>(
/// #         _client: &'bound i2c::I2cClient<Core<'_>>,
/// #         _info: Option<&'bound ()>,
/// #     ) -> impl PinInit<(), Error> + 'bound { Err::<(), _>(ENODEV) }
/// # }
/// # assert_eq!(c_size::<None>(), size_of::<kernel::bindings::i2c_driver>());
/// ```
pub struct Adapter<T: Driver>(PhantomData<T>);

// SAFETY: The data of a bound client are `T::Data`, stored by `probe_callback`. The offset is that of
// the `struct device_driver`.
unsafe impl<T: Driver> driver::DriverLayout for Adapter<T> {
    type DriverType = bindings::i2c_driver;
    type DriverData<'bound> = T::Data<'bound>;
    const DEVICE_DRIVER_OFFSET: usize = offset_of!(Self::DriverType, driver);
}

// SAFETY: `register` without an error registers the driver until `unregister`.
unsafe impl<T: Driver> driver::RegistrationOps for Adapter<T> {
    unsafe fn register(
        idrv: &Opaque<Self::DriverType>,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result {
        build_assert!(
            T::ACPI_ID_TABLE.is_some() || T::OF_ID_TABLE.is_some() || T::I2C_ID_TABLE.is_some(),
            "a driver needs a table of ids"
        );
        let raw = idrv.get();
        // SAFETY: The caller has the structure for us alone until it is registered.
        let fields = unsafe { &mut *raw };
        fields.driver.name = name.as_char_ptr();
        fields.probe = Some(Self::probe_callback);
        fields.remove = Some(Self::remove_callback);
        fields.shutdown = Some(Self::shutdown_callback);
        fields.id_table = T::I2C_ID_TABLE.map_or(ptr::null(), |table| table.as_ptr());
        fields.driver.of_match_table = T::OF_ID_TABLE.map_or(ptr::null(), |table| table.as_ptr());
        fields.driver.acpi_match_table =
            T::ACPI_ID_TABLE.map_or(ptr::null(), |table| table.as_ptr());
        // SAFETY: The structure is set up, and stays where it is until it is unregistered, as the
        // caller says. The names and tables are static.
        to_result(unsafe { bindings::i2c_register_driver(module.as_ptr(), raw) })
    }

    unsafe fn unregister(idrv: &Opaque<Self::DriverType>) {
        // SAFETY: The driver is registered, as the caller says.
        unsafe { bindings::i2c_del_driver(idrv.get()) };
    }
}

impl<T: Driver> Adapter<T> {
    /// The information of the client's name.
    fn name_info(client: &I2cClient) -> Option<&'static T::IdInfo> {
        let table = T::I2C_ID_TABLE?;
        // SAFETY: The table is static, and ends with an empty id. The client is initialised, by its
        // type invariants, and keeps its name.
        let id = unsafe { bindings::i2c_match_id(table.as_ptr(), client.as_raw()) };
        // SAFETY: It is null, or one of the table's ids, of which `DeviceId` is a transparent wrapper.
        let id = unsafe { id.cast::<DeviceId>().as_ref() }?;
        Some(table.info(id.index()))
    }

    /// # Safety
    ///
    /// `client` is being bound to this driver, and its lock is held.
    unsafe extern "C" fn probe_callback(client: *mut bindings::i2c_client) -> c_int {
        // SAFETY: The bus calls this with a client that is in the system, with its lock held and this
        // as its driver, until the data are dropped.
        let client = unsafe { &*client.cast::<I2cClient<device::CoreInternal<'_>>>() };
        let info =
            <Self as driver::Adapter>::id_info(client.as_ref()).or_else(|| Self::name_info(client));
        from_result(|| {
            client
                .as_ref()
                .set_drvdata(T::probe(client, info))
                // The bus releases resources before the device core has their users ended.
                .inspect_err(|_| devres::end_users(client.as_ref()))?;
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// `client` is bound to this driver, and its lock is held.
    unsafe extern "C" fn remove_callback(client: *mut bindings::i2c_client) {
        // SAFETY: As in `probe_callback`.
        let client = unsafe { &*client.cast::<I2cClient<device::CoreInternal<'_>>>() };
        // SAFETY: The client is bound, so that `probe_callback` has stored the data, and they stay until
        // below.
        let data = unsafe { client.as_ref().drvdata_borrow::<T::Data<'_>>() };
        T::unbind(client, data);
        // The bus releases resources before the device core would have the data dropped, and the data may
        // use one that came after them.
        // SAFETY: As above, and they are no longer borrowed.
        drop(unsafe { client.as_ref().drvdata_obtain::<T::Data<'_>>() });
        devres::end_users(client.as_ref());
    }

    /// # Safety
    ///
    /// `client` is bound to this driver, and its lock is held.
    unsafe extern "C" fn shutdown_callback(client: *mut bindings::i2c_client) {
        // SAFETY: As in `probe_callback`: the device core takes the lock for this as well.
        let client = unsafe { &*client.cast::<I2cClient<device::CoreInternal<'_>>>() };
        // SAFETY: The client is bound, so that `probe_callback` has stored the data; and it stays so
        // while its lock is held.
        let data = unsafe { client.as_ref().drvdata_borrow::<T::Data<'_>>() };
        T::shutdown(client, data);
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

/// Makes a module of a driver for clients.
///
/// It takes what [`module!`](macro@crate::prelude::module) does; `type` is the [`Driver`].
///
/// # Examples
///
/// ```ignore
/// // A kernel has it as a module; a test cannot be one.
/// kernel::module_i2c_driver! {
///     type: Adc,
///     name: "rust_adc",
///     authors: ["A. Driver"],
///     description: "An analog-to-digital converter",
///     license: "GPL v2",
/// }
/// ```
///
/// [`Driver`]: crate::i2c::Driver
#[macro_export]
macro_rules! module_i2c_driver {
    ($($fields:tt)*) => {
        $crate::module_driver!(<T>, $crate::i2c::Adapter<T>, { $($fields)* });
    };
}
