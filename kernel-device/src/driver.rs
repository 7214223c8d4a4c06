// SPDX-License-Identifier: GPL-2.0

//! Drivers, as the device core has them: what the abstractions of all buses do alike.
//!
//! A driver implements the trait of its bus, such as `platform::Driver`, and is registered by the macro
//! of its bus. The abstraction of a bus
//!
//! 1. has a type `Adapter<T>` for a driver `T`, whose functions C calls: they turn what C passes into
//!    what `T` takes;
//! 2. says by [`DriverLayout`] what C's structure for a driver is, where the device core's own lies in
//!    it, and what a driver keeps with each of its devices;
//! 3. says by [`RegistrationOps`] how to register it and how to take that back, so that a
//!    [`Registration`] can do both;
//! 4. makes its macro from [`module_driver!`].
//!
//! ## What a driver keeps with a device
//!
//! The abstraction stores it with the device when `probe` has returned it, and from then on it belongs to
//! the device. When the driver is unbound, after the bus's own callback and before anything that was
//! registered with the device is released, the device core calls back and it is dropped: so it may hold
//! what it borrows from the device, and nothing that the device's resources still call can reach it. Then
//! go those who use the device's resources for as long as it is bound, and at last these.
//!
//! On the C side this is [`include/linux/device/driver.h`] with [`drivers/base/dd.c`].
//!
//! [`include/linux/device/driver.h`]: srctree/include/linux/device/driver.h
//! [`drivers/base/dd.c`]: srctree/drivers/base/dd.c
//! [`module_driver!`]: crate::module_driver

use crate::{acpi, bindings, device, devres, of, prelude::*, types::Opaque, ThisModule};

#[cfg(CONFIG_KUNIT = "y")]
mod tests;

/// What C's structure for a driver of some bus is.
///
/// # Safety
///
/// - At [`DEVICE_DRIVER_OFFSET`](Self::DEVICE_DRIVER_OFFSET) bytes in a
///   [`DriverType`](Self::DriverType) lies the `struct device_driver` that the bus registers with the
///   device core.
/// - Whatever [`set_drvdata`](device::Device::set_drvdata) stores with a device that is bound to the
///   driver is a [`DriverData<'bound>`](Self::DriverData), and nobody borrows it any more once the bus's
///   callback for unbinding has returned. `'bound` is no longer than the device core lets them exist:
///   until what was registered with the device is released.
pub unsafe trait DriverLayout {
    /// C's structure, such as `struct platform_driver`.
    type DriverType: Default;

    /// What a driver keeps with a device while it is bound to it.
    type DriverData<'bound>;

    /// Where in `DriverType` the device core's structure lies, in bytes.
    const DEVICE_DRIVER_OFFSET: usize;
}

/// How a driver of some bus is registered.
///
/// # Safety
///
/// After [`register`](Self::register) has succeeded, and until [`unregister`](Self::unregister) has
/// returned, C may use the structure; at no other time does it. `unregister` unbinds all devices.
pub unsafe trait RegistrationOps: DriverLayout {
    /// Registers a driver under a name.
    ///
    /// # Errors
    ///
    /// What C's function gives, such as `EBUSY` when the bus has a driver of that name.
    ///
    /// # Safety
    ///
    /// - The driver is not registered.
    /// - If this succeeds, the structure stays where it is, and is not touched by others, until it has
    ///   been unregistered; and the caller unregisters it before the module is gone.
    unsafe fn register(
        driver: &Opaque<Self::DriverType>,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result;

    /// Takes back what [`register`](Self::register) did, and unbinds all devices.
    ///
    /// # Safety
    ///
    /// The driver is registered.
    unsafe fn unregister(driver: &Opaque<Self::DriverType>);
}

/// A driver, registered from when this is initialised to when it is dropped.
///
/// Drivers have it made by the macro of their bus.
///
/// # Invariants
///
/// `driver` is registered.
#[pin_data(PinnedDrop)]
pub struct Registration<T: RegistrationOps> {
    #[pin]
    driver: Opaque<T::DriverType>,
}

// SAFETY: `register` and `unregister` may be called in any task, and what C calls it may call in any.
unsafe impl<T: RegistrationOps> Send for Registration<T> {}

// SAFETY: There is nothing that can be done with a shared reference.
unsafe impl<T: RegistrationOps> Sync for Registration<T> {}

#[pinned_drop]
impl<T: RegistrationOps> PinnedDrop for Registration<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: It is registered, by the type invariants.
        unsafe { T::unregister(&self.driver) };
    }
}

impl<T: RegistrationOps> Registration<T> {
    /// Registers the driver `T` of `module` under `name`.
    ///
    /// # Errors
    ///
    /// What [`RegistrationOps::register`] gives.
    pub fn new(name: &'static CStr, module: &'static ThisModule) -> impl PinInit<Self, Error>
    where
        T: 'static,
    {
        // INVARIANT: It is registered when the initialiser has succeeded, and stays where it is.
        try_pin_init!(Self {
            driver <- Opaque::try_ffi_init(|driver: *mut T::DriverType| {
                // SAFETY: `try_ffi_init` passes a pointer to memory for one.
                unsafe { driver.write(T::DriverType::default()) };
                // SAFETY: The device core's structure lies in it, by the contract of `DriverLayout`.
                let core = unsafe { driver.byte_add(T::DEVICE_DRIVER_OFFSET) };
                let core = core.cast::<bindings::device_driver>();
                // SAFETY: As above, and nobody else has it yet.
                unsafe { (*core).p_cb.post_unbind_rust = Some(Self::unbound) };
                // SAFETY: It was written above, and `Opaque` is a transparent wrapper.
                let driver = unsafe { &*driver.cast::<Opaque<T::DriverType>>() };
                // SAFETY: It is not registered. It is pinned, belongs to this value, and is unregistered
                // when that is dropped.
                unsafe { T::register(driver, name, module) }
            }),
        })
    }

    /// What the device core calls when a device has been unbound, or could not be bound.
    extern "C" fn unbound(dev: *mut bindings::device) {
        // SAFETY: The device core passes a device, whose lock it holds, and from which the bus's own
        // callbacks are over.
        let dev = unsafe { device::Device::<device::CoreInternal<'_>>::from_raw(dev) };
        // SAFETY: What there is was stored as this type, and is borrowed by nobody, by the contract of
        // `DriverLayout`.
        drop(unsafe { dev.drvdata_obtain::<T::DriverData<'_>>() });
        // What the device has lent comes after its users.
        devres::end_users(dev);
    }
}

/// Makes a module of a driver: for the macros of the buses, such as `module_platform_driver!`.
///
/// The arguments are a name for the driver's type, the adapter made with it, and what [`module!`] takes,
/// where `type` is the driver.
///
/// # Examples
///
/// The macro of a bus:
///
/// ```
/// /// Makes a module of a driver for the slot bus.
/// macro_rules! module_slot_driver {
///     ($($fields:tt)*) => {
///         kernel::module_driver!(<T>, slot::Adapter<T>, { $($fields)* });
///     };
/// }
/// ```
///
/// [`module!`]: crate::prelude::module
#[macro_export]
macro_rules! module_driver {
    (<$driver:ident>, $adapter:ty, { type: $type:ty, $($fields:tt)* }) => {
        type Ops<$driver> = $adapter;

        #[$crate::prelude::pin_data]
        struct DriverModule {
            #[pin]
            _driver: $crate::driver::Registration<Ops<$type>>,
        }

        impl $crate::InPlaceModule for DriverModule {
            fn init(
                module: &'static $crate::ThisModule,
            ) -> impl ::pin_init::PinInit<Self, $crate::error::Error> {
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
            $($fields)*
        }
    };
}

/// How a driver's tables are looked up, for buses whose devices come from device trees and from ACPI.
pub trait Adapter {
    /// What the driver wants to know about each kind of device.
    type IdInfo: 'static;

    /// The driver's table for ACPI, if it has one.
    fn acpi_id_table() -> Option<acpi::IdTable<Self::IdInfo>>;

    /// The driver's table for device trees, if it has one.
    fn of_id_table() -> Option<of::IdTable<Self::IdInfo>>;

    /// The info of the line for ACPI that matches `dev`.
    ///
    /// C counterpart: `acpi_match_device()`.
    fn acpi_id_info(dev: &device::Device) -> Option<&'static Self::IdInfo> {
        let table = Self::acpi_id_table()?;
        // SAFETY: The table ends with an entry of zeroes, and its entries hold their places: there is no
        // other way to make one.
        let place = unsafe { acpi::matched(table.as_ptr(), dev) }?;
        Some(table.info(place))
    }

    /// The info of the line for device trees that matches `dev`.
    ///
    /// ACPI can say that a device is compatible with something, too; that counts here.
    ///
    /// C counterpart: `of_match_device()`.
    fn of_id_info(dev: &device::Device) -> Option<&'static Self::IdInfo> {
        let table = Self::of_id_table()?;
        // SAFETY: As in `acpi_id_info`.
        let place = unsafe { of::matched(table.as_ptr(), dev) }?;
        Some(table.info(place))
    }

    /// The info of the line that matches `dev`, in either table.
    ///
    /// There is none for a device that was bound in another way: by its name, or because somebody wrote
    /// the driver's name into its `driver_override`.
    fn id_info(dev: &device::Device) -> Option<&'static Self::IdInfo> {
        Self::acpi_id_info(dev).or_else(|| Self::of_id_info(dev))
    }
}
