// SPDX-License-Identifier: GPL-2.0

//! What the drivers of all buses have in common, for the abstractions of the buses.
//!
//! A bus has a trait of its own for drivers, `Driver`, and an *adapter*: a type `Adapter<T>` with the
//! callbacks that C calls, which lead to `T: Driver`. This module takes the adapter from there:
//!
//! | trait | what the adapter says |
//! | --- | --- |
//! | [`DriverLayout`] | which C structure a driver of the bus has, and what data it keeps |
//! | [`RegistrationOps`] | how a driver is registered with the bus |
//! | [`Adapter`] | which tables of the firmware's ids there are |
//!
//! [`Registration`] is then a driver that is registered, for as long as it exists, and
//! [`module_driver!`](crate::module_driver) a module that is nothing else.
//!
//! # From probe to unbind
//!
//! 1. C calls the adapter's `probe`, which gives what `Driver::probe` makes to
//!    [`Device::set_drvdata`]: the driver's data. They belong to the device from then on.
//! 2. Callbacks of the bus borrow the data ([`Device::drvdata_borrow`]), the last of them for
//!    `Driver::unbind`.
//! 3. When that has returned, the data are dropped.
//! 4. Then the device core releases what else was tied to the device while it was bound: see
//!    [`devres`](crate::devres).
//!
//! So data may borrow from what is released last: all that is called `'bound` is there until they are
//! dropped. If `probe` fails after it has set up some of it, the order is the same.
//!
//! On the C side this is [`include/linux/device/driver.h`] with `drivers/base/dd.c`.
//!
//! [`include/linux/device/driver.h`]: srctree/include/linux/device/driver.h
//! [`Device::set_drvdata`]: crate::device::Device::set_drvdata
//! [`Device::drvdata_borrow`]: crate::device::Device::drvdata_borrow

use crate::{
    acpi, bindings,
    device::{CoreInternal, Device},
    device_id::RawDeviceIdIndex,
    of,
    prelude::*,
    types::Opaque,
};

mod matching;
#[cfg(CONFIG_KUNIT = "y")]
#[doc(hidden)]
pub mod testing;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

/// Which C structure a driver of a bus has, and what data such a driver keeps with each device.
///
/// # Safety
///
/// - [`DriverType`](Self::DriverType) is a C structure with a `struct device_driver` inside, at
///   [`DEVICE_DRIVER_OFFSET`](Self::DEVICE_DRIVER_OFFSET) bytes from its beginning.
/// - Whatever the adapter gives to [`Device::set_drvdata`] initialises a
///   [`DriverData<'bound>`](Self::DriverData), where `'bound` ends no sooner than the data are dropped:
///   before the device core releases what was tied to the device. Nobody borrows them for longer than
///   the callback of the bus for which he does.
///
/// [`Device::set_drvdata`]: crate::device::Device::set_drvdata
pub unsafe trait DriverLayout {
    /// The C structure. Its default is what the fields are before the driver is registered.
    type DriverType: Default;

    /// What the driver keeps with a device that it is bound to, for `'bound`.
    type DriverData<'bound>;

    /// Where in the C structure the `struct device_driver` is, in bytes.
    const DEVICE_DRIVER_OFFSET: usize;
}

/// How a driver is registered with its bus.
///
/// # Safety
///
/// - After [`register`](Self::register) has returned an error, or
///   [`unregister`](Self::unregister) has returned, no callback of the driver runs or is called, no
///   device is bound to it, and C code does not use the structure.
/// - Neither changes the field `p_cb` of the `struct device_driver`.
pub unsafe trait RegistrationOps: DriverLayout {
    /// Registers a driver. From then on it is bound to devices that it fits, possibly before this
    /// returns.
    ///
    /// # Errors
    ///
    /// Those of the bus. The driver is not registered then.
    ///
    /// # Safety
    ///
    /// - `drv` was made by `Default`, is pinned, and is not registered.
    /// - It stays until [`unregister`](Self::unregister) is called on it, if this succeeds.
    unsafe fn register(
        drv: &Opaque<Self::DriverType>,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result;

    /// Unregisters a driver: it is unbound from all devices first.
    ///
    /// # Safety
    ///
    /// [`register`](Self::register) has succeeded for `drv`, and since then this was not called.
    unsafe fn unregister(drv: &Opaque<Self::DriverType>);
}

/// A driver that is registered with its bus until this is dropped.
///
/// `T` is the bus's adapter of the driver.
///
/// # Invariants
///
/// `T::register` has succeeded for `driver`, which is pinned.
///
/// # Examples
///
/// A driver module is one with such a field. [`module_driver!`](crate::module_driver) writes it:
///
/// ```
/// use kernel::{driver::{Registration, RegistrationOps}, InPlaceModule};
///
/// #[pin_data]
/// struct DriverModule<T: RegistrationOps + 'static> {
///     #[pin]
///     _driver: Registration<T>,
/// }
///
/// impl<T: RegistrationOps + 'static> InPlaceModule for DriverModule<T> {
///     fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
///         try_pin_init!(Self {
///             _driver <- Registration::new(c"slot_leds", module),
///         })
///     }
/// }
/// # use kernel::driver::testing::{Adapter, Bus, Idle};
/// # // SAFETY: The pointer is null.
/// # static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// # let bus = Bus::new(c"rust_doc_bus")?;
///
/// let module = KBox::pin_init(DriverModule::<Adapter<Idle>>::init(&THIS_MODULE), GFP_KERNEL)?;
/// assert!(bus.has_driver(c"slot_leds"));
/// drop(module);
/// assert!(!bus.has_driver(c"slot_leds"));
/// # Ok::<(), Error>(())
/// ```
#[pin_data(PinnedDrop)]
pub struct Registration<T: RegistrationOps> {
    #[pin]
    driver: Opaque<T::DriverType>,
}

// SAFETY: A driver may be unregistered from any thread, and the rest of the structure is C's.
unsafe impl<T: RegistrationOps> Send for Registration<T> {}

// SAFETY: A shared reference gives access to nothing.
unsafe impl<T: RegistrationOps> Sync for Registration<T> {}

impl<T: RegistrationOps> Registration<T> {
    /// Registers a driver, by the name that it has in sysfs.
    ///
    /// # Errors
    ///
    /// Those of the bus; most have `EBUSY` when there is a driver of that name already.
    pub fn new(name: &'static CStr, module: &'static ThisModule) -> impl PinInit<Self, Error>
    where
        T: 'static,
    {
        // INVARIANT: It succeeds only when `register` does.
        try_pin_init!(Self {
            driver <- Opaque::try_ffi_init(move |slot: *mut T::DriverType| {
                // SAFETY: `try_ffi_init` passes memory for one.
                unsafe { slot.write(T::DriverType::default()) };
                // SAFETY: That is in the structure, by the contract of `DriverLayout`.
                let driver = unsafe { slot.cast::<u8>().add(T::DEVICE_DRIVER_OFFSET) };
                let driver = driver.cast::<bindings::device_driver>();
                // SAFETY: And there is a `struct device_driver`, which nobody uses yet.
                let callback = unsafe { &mut (*driver).p_cb.post_unbind_rust };
                *callback = Some(Self::post_unbind_callback);
                // SAFETY: `slot` is initialised, and an `Opaque` has the layout of what is inside. It
                // is pinned as `Self` is.
                let driver = unsafe { &*Opaque::cast_from(slot) };
                // SAFETY: It was made above and is pinned. `Self` unregisters it when it is dropped,
                // and is not before that.
                unsafe { T::register(driver, name, module) }
            }),
        })
    }

    /// What the device core calls when the driver has been unbound, or could not be bound.
    ///
    /// # Safety
    ///
    /// For the device core: `dev` is a device with this driver, its lock is held, and no callback of
    /// the bus runs for it, nor will any before the next `probe`.
    unsafe extern "C" fn post_unbind_callback(dev: *mut bindings::device) {
        // SAFETY: The device core holds the device and its lock, as the caller says; and it has not
        // begun to release what was tied to the device.
        let dev = unsafe { Device::<CoreInternal<'_>>::from_raw(dev) };
        // SAFETY: No callback runs which could have them borrowed, by the contract of `DriverLayout`.
        // What it has are the driver's, as they were put there since this driver was bound.
        drop(unsafe { dev.drvdata_obtain::<T::DriverData<'_>>() });
    }
}

#[pinned_drop]
impl<T: RegistrationOps> PinnedDrop for Registration<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariants it is registered, and this is the one place that ends it.
        unsafe { T::unregister(&self.driver) };
    }
}

/// Which tables of the firmware's ids a driver has, for buses whose devices the firmware describes.
///
/// A driver may have both, as the same device can be described by either.
pub trait Adapter {
    /// What the driver has noted for each entry of its tables.
    type IdInfo: 'static;

    /// The driver's table for ACPI, if it has one.
    fn acpi_id_table() -> Option<acpi::IdTable<Self::IdInfo>>;

    /// The info of the entry that a device matches by its ids in ACPI.
    ///
    /// [`None`] also without `CONFIG_ACPI`, and if the driver was bound for another reason.
    ///
    /// C counterpart: `acpi_match_device()`.
    fn acpi_id_info(dev: &Device) -> Option<&'static Self::IdInfo> {
        let table = Self::acpi_id_table()?;
        // SAFETY: The table ends with an entry of zeroes, and is static.
        let id = unsafe { matching::by_acpi_id(table.as_ptr(), dev) }?;
        Some(table.info(id.index()))
    }

    /// The driver's table for device trees, if it has one.
    fn of_id_table() -> Option<of::IdTable<Self::IdInfo>>;

    /// The info of the entry that a device is compatible with.
    ///
    /// The device is a node of the device tree; or it is described by ACPI, has the id `PRP0001`, and
    /// says there what it is compatible with.
    ///
    /// [`None`] also without `CONFIG_OF` and `CONFIG_ACPI`, and if the driver was bound for another
    /// reason.
    ///
    /// C counterpart: `of_match_device()` and `acpi_of_match_device()`.
    fn of_id_info(dev: &Device) -> Option<&'static Self::IdInfo> {
        let table = Self::of_id_table()?;
        // SAFETY: The table ends with an entry of zeroes, and is static.
        let id = unsafe { matching::by_compatible(table.as_ptr(), dev) }?;
        Some(table.info(id.index()))
    }

    /// The info of the entry that a device matches, in whichever table there is one.
    ///
    /// ACPI comes first.
    fn id_info(dev: &Device) -> Option<&'static Self::IdInfo> {
        Self::acpi_id_info(dev).or_else(|| Self::of_id_info(dev))
    }
}

/// Declares a module that registers one driver, and does nothing else.
///
/// For the macros of the buses. `module_driver!(<T>, Adapter<T>, { … })` takes the adapter of the bus
/// for a driver `T`; between the braces is what the module's author writes: `type`, the driver, and
/// then what [`module!`](macro@crate::prelude::module) takes.
///
/// # Examples
///
/// This is how a bus makes its macro:
///
/// ```
/// # mod slot { pub use kernel::driver::testing::Adapter; }
/// # #[allow(unused_macros)]
/// macro_rules! module_slot_driver {
///     ($($arguments:tt)*) => {
///         kernel::module_driver!(<T>, slot::Adapter<T>, { $($arguments)* });
///     };
/// }
/// # use kernel::driver::{testing::Idle, DriverLayout};
/// # assert!(size_of::<<slot::Adapter<Idle> as DriverLayout>::DriverType>() > 0);
/// ```
///
/// and this is a whole driver module, up to the driver itself:
///
/// ```ignore
/// module_slot_driver! {
///     type: Leds,
///     name: "slot_leds",
///     authors: ["Rust for Linux Contributors"],
///     description: "LEDs in slots",
///     license: "GPL",
/// }
/// ```
#[macro_export]
macro_rules! module_driver {
    (<$driver:ident>, $adapter:ty, { type: $type:ty, $($module:tt)* }) => {
        /// The bus's adapter of a driver.
        type Ops<$driver> = $adapter;

        #[$crate::prelude::pin_data]
        struct DriverModule {
            #[pin]
            _driver: $crate::driver::Registration<Ops<$type>>,
        }

        impl $crate::InPlaceModule for DriverModule {
            fn init(
                module: &'static $crate::ThisModule,
            ) -> impl $crate::prelude::PinInit<Self, $crate::error::Error> {
                $crate::try_pin_init!(Self {
                    _driver <- $crate::driver::Registration::new(
                        <Self as $crate::ModuleMetadata>::NAME,
                        module,
                    ),
                })
            }
        }

        $crate::prelude::module! {
            type: DriverModule,
            $($module)*
        }
    };
}
