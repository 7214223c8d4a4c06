// SPDX-License-Identifier: GPL-2.0

//! Drivers on the bus.

use super::{Device, DeviceId, IdTable};
use crate::{
    bindings,
    device::{Core, CoreInternal},
    device_id::RawDeviceIdIndex,
    driver,
    error::{from_result, to_result},
    prelude::*,
    types::Opaque,
    ThisModule,
};
use core::{marker::PhantomData, mem::offset_of};

/// A driver for devices on the auxiliary bus.
///
/// C counterpart: [`struct auxiliary_driver`](srctree/include/linux/auxiliary_bus.h)
///
/// # Examples
///
/// ```
/// use kernel::{auxiliary, device::Core};
/// # use kernel::types::ForLt;
///
/// struct Display;
///
/// struct DisplayData {
///     heads: u32,
/// }
///
/// kernel::auxiliary_device_table!(
///     TABLE,
///     MODULE_TABLE,
///     <Display as auxiliary::Driver>::IdInfo,
///     [
///         (auxiliary::DeviceId::new(c"rust_doc_gpu", c"small"), 1),
///         (auxiliary::DeviceId::new(c"rust_doc_gpu", c"large"), 4),
///     ]
/// );
///
/// impl auxiliary::Driver for Display {
///     type IdInfo = u32;
///     type Data<'bound> = DisplayData;
///
///     const ID_TABLE: auxiliary::IdTable<Self::IdInfo> = &TABLE;
///
///     fn probe<'bound>(
///         adev: &'bound auxiliary::Device<Core<'_>>,
///         heads: &'bound u32,
///     ) -> impl PinInit<DisplayData, Error> + 'bound {
///         dev_info!(adev, "{heads} heads\n");
/// #       FOUND.store(*heads, Relaxed);
///         Ok(DisplayData { heads: *heads })
///     }
///
///     fn unbind<'bound>(_: &'bound auxiliary::Device<Core<'_>>, data: Pin<&DisplayData>) {
///         pr_info!("{} heads less\n", data.heads);
/// #       FOUND.store(10 + data.heads, Relaxed);
///     }
/// }
/// # use kernel::sync::atomic::{Atomic, Relaxed};
/// # static FOUND: Atomic<u32> = Atomic::new(0);
/// # // SAFETY: The pointer is null.
/// # static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// # let driver = KBox::pin_init(
/// #     kernel::driver::Registration::<auxiliary::Adapter<Display>>::new(c"display", &THIS_MODULE),
/// #     GFP_KERNEL,
/// # )?;
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_gpu")?;
/// # // SAFETY: No driver comes or goes, so none leaves while this is borrowed.
/// # let parent = unsafe { root.as_bound() };
/// # let device = auxiliary::Registration::<'_, ForLt!(())>::new(
/// #     parent, c"large", 0, c"rust_doc_gpu", Ok::<_, Error>(()),
/// # )?;
/// # assert_eq!(FOUND.load(Relaxed), 4);
/// # drop(device);
/// # assert_eq!(FOUND.load(Relaxed), 14);
/// # drop(driver);
/// # Ok::<(), Error>(())
/// ```
pub trait Driver {
    /// What the driver keeps with the device while it is bound.
    ///
    /// It is dropped after [`unbind`](Self::unbind).
    type Data<'bound>: Send + 'bound;

    /// What the driver's table has for each kind of device.
    type IdInfo: 'static;

    /// The table of the devices that the driver takes, made by
    /// [`auxiliary_device_table!`](crate::auxiliary_device_table).
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Takes a device. `id_info` is that of the line in the table that the device matches.
    ///
    /// Runs in process context, with the lock of the device held. `'bound` ends when the driver is
    /// unbound from the device.
    ///
    /// # Errors
    ///
    /// If the initialiser fails, the device stays without this driver.
    fn probe<'bound>(
        dev: &'bound Device<Core<'_>>,
        id_info: &'bound Self::IdInfo,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    /// Gives a device back. What is to be done while it is still the driver's can be done here.
    ///
    /// Runs in process context, with the lock of the device held, when the device goes, the driver
    /// goes, or somebody asks for it through sysfs.
    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

/// What a [`Driver`] is to [`driver::Registration`].
pub struct Adapter<T: Driver>(PhantomData<T>);

// SAFETY: `auxiliary_driver` has its `device_driver` at that offset. `Driver::Data` are what
// `probe_callback` stores.
unsafe impl<T: Driver> driver::DriverLayout for Adapter<T> {
    type DriverType = bindings::auxiliary_driver;
    type DriverData<'bound> = T::Data<'bound>;

    const DEVICE_DRIVER_OFFSET: usize = offset_of!(Self::DriverType, driver);
}

// SAFETY: When `register` succeeds, the driver is on the bus, until `unregister` returns.
unsafe impl<T: Driver> driver::RegistrationOps for Adapter<T> {
    unsafe fn register(
        driver: &Opaque<Self::DriverType>,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result {
        {
            // SAFETY: The structure is the caller's, and nobody else has it yet.
            let driver = unsafe { &mut *driver.get() };
            driver.name = name.as_char_ptr();
            driver.probe = Some(Self::probe_callback);
            driver.remove = Some(Self::remove_callback);
            driver.id_table = T::ID_TABLE.as_ptr();
        }
        // SAFETY: The structure is filled in as the bus asks for. It, the name and the table stay
        // until `unregister`, as the caller promises.
        to_result(unsafe {
            bindings::__auxiliary_driver_register(driver.get(), module.as_ptr(), name.as_char_ptr())
        })
    }

    unsafe fn unregister(driver: &Opaque<Self::DriverType>) {
        // SAFETY: It was registered, as the caller promises.
        unsafe { bindings::auxiliary_driver_unregister(driver.get()) };
    }
}

impl<T: Driver> Adapter<T> {
    /// # Safety
    ///
    /// Only for the bus to call, as `probe` of a driver with `T::ID_TABLE`.
    unsafe extern "C" fn probe_callback(
        adev: *mut bindings::auxiliary_device,
        id: *const bindings::auxiliary_device_id,
    ) -> c_int {
        // SAFETY: The bus calls this for a device that has been added, with its lock held. This
        // driver is about to be bound to it, and nothing is stored yet.
        let adev = unsafe { &*adev.cast::<Device<CoreInternal<'_>>>() };
        // SAFETY: The bus has found this line, which `DeviceId` is a transparent wrapper of, in the
        // driver's table.
        let id = unsafe { &*id.cast::<DeviceId>() };
        let info = T::ID_TABLE.info(id.index());

        from_result(|| {
            let data = T::probe(adev, info);
            adev.as_ref().set_drvdata(data)?;
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// Only for the bus to call, as `remove` of a driver whose `probe` has succeeded.
    unsafe extern "C" fn remove_callback(adev: *mut bindings::auxiliary_device) {
        // SAFETY: The bus calls this for a device that the driver is bound to, with its lock held.
        let adev = unsafe { &*adev.cast::<Device<CoreInternal<'_>>>() };
        // SAFETY: `probe_callback` has succeeded, so it has stored these. They are taken away after
        // this callback.
        let data = unsafe { adev.as_ref().drvdata_borrow::<T::Data<'_>>() };
        T::unbind(adev, data);
    }
}

/// Makes the table of an auxiliary [`Driver`](crate::auxiliary::Driver).
///
/// Takes the name of the table, a name for what tools read in the module's file, the type of what the
/// driver has for each kind of device, and the lines of the table:
/// `[(DeviceId, IdInfo), …]`. [`Driver`](crate::auxiliary::Driver) has an example.
///
/// C counterpart: `MODULE_DEVICE_TABLE(auxiliary, …)`
#[macro_export]
macro_rules! auxiliary_device_table {
    ($table:ident, $module_table:ident, $id_info:ty, $lines:expr) => {
        const $table: $crate::device_id::IdArray<
            $crate::auxiliary::DeviceId,
            $id_info,
            { $lines.len() },
        > = $crate::device_id::IdArray::new($lines);

        $crate::module_device_table!("auxiliary", $module_table, $table);
    };
}

/// Makes a module that consists of one auxiliary [`Driver`](crate::auxiliary::Driver).
///
/// # Examples
///
/// ```ignore
/// kernel::module_auxiliary_driver! {
///     type: Display,
///     name: "display",
///     authors: ["Author of the driver"],
///     description: "A display",
///     license: "GPL",
/// }
/// ```
#[macro_export]
macro_rules! module_auxiliary_driver {
    ($($field:tt)*) => {
        $crate::module_driver!(<T>, $crate::auxiliary::Adapter<T>, { $($field)* });
    };
}
