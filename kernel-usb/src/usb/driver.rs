// SPDX-License-Identifier: GPL-2.0

//! Drivers for interfaces.

use super::{DeviceId, IdTable, Interface};
use crate::{
    bindings, device,
    device_id::RawDeviceIdIndex,
    driver,
    error::{from_result, to_result},
    prelude::*,
    types::Opaque,
};
use core::{marker::PhantomData, mem::offset_of};

/// A driver for interfaces of USB devices.
///
/// # Examples
///
/// ```
/// use kernel::{device::{Core, Device}, sync::aref::ARef, usb};
///
/// struct Lamp {
///     interface: ARef<usb::Interface>,
///     colours: u8,
/// }
///
/// kernel::usb_device_table!(
///     TABLE,
///     MODULE_TABLE,
///     <Lamp as usb::Driver>::IdInfo,
///     [(usb::DeviceId::from_id(0x1234, 0xfff0), 3)]
/// );
///
/// impl usb::Driver for Lamp {
///     type IdInfo = u8;
///     type Data<'bound> = Self;
///
///     const ID_TABLE: usb::IdTable<Self::IdInfo> = &TABLE;
///
///     fn probe<'bound>(
///         interface: &'bound usb::Interface<Core<'_>>,
///         _id: &usb::DeviceId,
///         colours: &'bound Self::IdInfo,
///     ) -> impl PinInit<Self, Error> + 'bound {
///         let dev: &Device<Core<'_>> = interface.as_ref();
///         dev_info!(dev, "{colours} colours\n");
///         Ok(Self { interface: interface.into(), colours: *colours })
///     }
///
///     fn disconnect<'bound>(interface: &'bound usb::Interface<Core<'_>>, lamp: Pin<&Self>) {
///         let dev: &Device<Core<'_>> = interface.as_ref();
///         dev_info!(dev, "{} colours less\n", lamp.colours);
/// #       let _ = &lamp.interface;
///     }
/// }
///
/// # use kernel::{driver::Registration, ThisModule};
/// # // SAFETY: The pointer is null, as for what is built in.
/// # static MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// # // No such device is there, and so it is bound to none.
/// # let new = Registration::<usb::Adapter<Lamp>>::new(c"rust_doc_lamp", &MODULE);
/// # let driver = KBox::pin_init(new, GFP_KERNEL);
/// # assert!(driver.is_ok());
/// ```
///
/// In a module of its own, [`module_usb_driver!`](crate::module_usb_driver) registers it.
pub trait Driver {
    /// What the driver knows about each id.
    type IdInfo: 'static;

    /// What the driver keeps for an interface from `probe` to after `disconnect`.
    type Data<'bound>: Send + 'bound;

    /// What the driver matches. It must not be empty.
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Begins to drive an interface, and makes what is to be kept for it.
    ///
    /// `id` is what matched, and `id_info` the driver's information about that. User space may have
    /// added an id by `new_id` in sysfs: it comes with the information of the one that it names as
    /// similar, or else with the first.
    ///
    /// # Errors
    ///
    /// Any: the interface is left without a driver, and the log says so, but for `ENODEV` and `ENXIO`.
    /// `EPROBE_DEFER` has it tried again later.
    fn probe<'bound>(
        interface: &'bound Interface<device::Core<'_>>,
        id: &DeviceId,
        id_info: &'bound Self::IdInfo,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    /// Ends the driving of an interface, whose device may be gone already.
    ///
    /// What was kept for it is dropped afterwards.
    fn disconnect<'bound>(
        interface: &'bound Interface<device::Core<'_>>,
        data: Pin<&Self::Data<'bound>>,
    );
}

/// What makes a [`Driver`] one that can be [registered](crate::driver::Registration).
///
/// # Examples
///
/// ```
/// use kernel::{driver::{DriverLayout, Registration}, usb};
///
/// /// What a module of a driver `T` keeps.
/// #[pin_data]
/// struct Module<T: usb::Driver> {
///     #[pin]
///     driver: Registration<usb::Adapter<T>>,
/// }
///
/// fn c_size<T: usb::Driver>() -> usize {
///     size_of::<<usb::Adapter<T> as DriverLayout>::DriverType>()
/// }
/// # use kernel::device::Core;
/// # struct None;
/// # kernel::usb_device_table!(TABLE, MODULE_TABLE, (), [(usb::DeviceId::from_id(0, 0), ())]);
/// # impl usb::Driver for None {
/// #     type IdInfo = ();
/// #     type Data<'bound> = ();
/// #     const ID_TABLE: usb::IdTable<()> = &TABLE;
/// #     fn probe<'bound>(
/// #         _interface: &'bound usb::Interface<Core<'_>>,
/// #         _id: &usb::DeviceId,
/// #         _info: &'bound (),
/// #     ) -> impl PinInit<(), Error> + 'bound { Err::<(), _>(ENODEV) }
/// #     fn disconnect<'bound>(_interface: &'bound usb::Interface<Core<'_>>, _data: Pin<&()>) {}
/// # }
/// # assert_eq!(c_size::<None>(), size_of::<kernel::bindings::usb_driver>());
/// ```
pub struct Adapter<T: Driver>(PhantomData<T>);

// SAFETY: The data of a bound interface are `T::Data`, stored by `probe_callback`; once the interface is
// unbound there are none. The offset is that of the `struct device_driver`.
unsafe impl<T: Driver> driver::DriverLayout for Adapter<T> {
    type DriverType = bindings::usb_driver;
    type DriverData<'bound> = T::Data<'bound>;
    const DEVICE_DRIVER_OFFSET: usize = offset_of!(Self::DriverType, driver);
}

// SAFETY: `register` without an error registers the driver until `unregister`.
unsafe impl<T: Driver> driver::RegistrationOps for Adapter<T> {
    unsafe fn register(
        udrv: &Opaque<Self::DriverType>,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result {
        let table = T::ID_TABLE.as_ptr();
        // SAFETY: A table has at least the empty id at its end.
        if unsafe { (*table).match_flags } == 0 {
            // It could match nothing but an id that user space adds, which has the first's information.
            return Err(EINVAL);
        }
        let raw = udrv.get();
        // SAFETY: The caller has the structure for us alone until it is registered.
        let fields = unsafe { &mut *raw };
        fields.name = name.as_char_ptr();
        fields.probe = Some(Self::probe_callback);
        fields.disconnect = Some(Self::disconnect_callback);
        fields.id_table = table;
        // SAFETY: The structure is set up, and stays where it is until it is unregistered, as the
        // caller says. The name and the table are static.
        to_result(unsafe {
            bindings::usb_register_driver(raw, module.as_ptr(), name.as_char_ptr())
        })
    }

    unsafe fn unregister(udrv: &Opaque<Self::DriverType>) {
        // SAFETY: The driver is registered, as the caller says.
        unsafe { bindings::usb_deregister(udrv.get()) };
    }
}

impl<T: Driver> Adapter<T> {
    /// # Safety
    ///
    /// `interface` is being bound to this driver for `id`, and its lock is held.
    unsafe extern "C" fn probe_callback(
        interface: *mut bindings::usb_interface,
        id: *const bindings::usb_device_id,
    ) -> c_int {
        // SAFETY: The bus calls this with an interface that is in the system, with its lock held and
        // this as its driver, until the data are dropped.
        let interface = unsafe { &*interface.cast::<Interface<device::CoreInternal<'_>>>() };
        // SAFETY: The bus calls this with one of the table's ids, or a copy of one that user space has
        // added, for as long as the call. `DeviceId` is a transparent wrapper.
        let id = unsafe { &*id.cast::<DeviceId>() };
        // One that was added has the index of another, or 0.
        let info = T::ID_TABLE.info(id.index());
        from_result(|| {
            let dev: &device::Device<device::CoreInternal<'_>> = interface.as_ref();
            dev.set_drvdata(T::probe(interface, id, info))?;
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// `interface` is bound to this driver, and its lock is held.
    unsafe extern "C" fn disconnect_callback(interface: *mut bindings::usb_interface) {
        // SAFETY: As in `probe_callback`.
        let interface = unsafe { &*interface.cast::<Interface<device::CoreInternal<'_>>>() };
        let dev: &device::Device<device::CoreInternal<'_>> = interface.as_ref();
        // SAFETY: The interface is bound, so that `probe_callback` has stored the data, and they stay
        // until below.
        let data = unsafe { dev.drvdata_borrow::<T::Data<'_>>() };
        T::disconnect(interface, data);
        // The bus forgets the data before the device core would have them dropped.
        // SAFETY: As above, and they are no longer borrowed.
        drop(unsafe { dev.drvdata_obtain::<T::Data<'_>>() });
    }
}

/// Makes a module of a driver for USB interfaces.
///
/// It takes what [`module!`](macro@crate::prelude::module) does; `type` is the [`Driver`].
///
/// # Examples
///
/// ```ignore
/// // A kernel has it as a module; a test cannot be one.
/// kernel::module_usb_driver! {
///     type: Lamp,
///     name: "rust_lamp",
///     authors: ["A. Driver"],
///     description: "A lamp of three colours",
///     license: "GPL v2",
/// }
/// ```
///
/// [`Driver`]: crate::usb::Driver
#[macro_export]
macro_rules! module_usb_driver {
    ($($fields:tt)*) => {
        $crate::module_driver!(<T>, $crate::usb::Adapter<T>, { $($fields)* });
    };
}
