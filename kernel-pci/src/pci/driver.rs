// SPDX-License-Identifier: GPL-2.0

//! Drivers of PCI devices.

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

/// A driver of PCI devices.
///
/// C counterpart: [`struct pci_driver`](srctree/include/linux/pci.h)
///
/// # Examples
///
/// ```
/// use kernel::{device::Core, io::Io, pci};
///
/// struct Blinker;
///
/// struct BlinkerData<'bound> {
///     pdev: &'bound pci::Device,
///     bar: pci::Bar<'bound, 16>,
/// }
///
/// kernel::pci_device_table!(
///     TABLE,
///     MODULE_TABLE,
///     <Blinker as pci::Driver>::IdInfo,
///     [(pci::DeviceId::from_id(pci::Vendor::REDHAT, 0xffff), ())]
/// );
///
/// impl pci::Driver for Blinker {
///     type IdInfo = ();
///     type Data<'bound> = BlinkerData<'bound>;
///
///     const ID_TABLE: pci::IdTable<Self::IdInfo> = &TABLE;
///
///     fn probe<'bound>(
///         pdev: &'bound pci::Device<Core<'_>>,
///         _info: &'bound Self::IdInfo,
///     ) -> impl PinInit<BlinkerData<'bound>, Error> + 'bound {
///         pdev.enable_device_mem()?;
///         let bar = pdev.iomap_region_sized::<16>(0, c"blinker")?;
///         bar.write32(1, 0x4);
///         Ok(BlinkerData { pdev, bar })
///     }
///
///     fn unbind<'bound>(_: &'bound pci::Device<Core<'_>>, data: Pin<&BlinkerData<'bound>>) {
///         dev_info!(data.pdev, "lights out\n");
///         data.bar.write32(0, 0x4);
///     }
/// }
/// # // SAFETY: The pointer is null.
/// # static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// # // Nobody has such a device, but the driver can be there.
/// # let driver = KBox::pin_init(
/// #     kernel::driver::Registration::<pci::Adapter<Blinker>>::new(c"rust_doc_blinker", &THIS_MODULE),
/// #     GFP_KERNEL,
/// # );
/// # assert!(driver.is_ok());
/// ```
pub trait Driver {
    /// What the driver's table has for each kind of device.
    type IdInfo: 'static;

    /// What the driver keeps with the device while it is bound.
    ///
    /// It is dropped after [`unbind`](Self::unbind).
    type Data<'bound>: Send + 'bound;

    /// The table of the devices that the driver takes, made by
    /// [`pci_device_table!`](crate::pci_device_table).
    const ID_TABLE: IdTable<Self::IdInfo>;

    /// Takes a device. `id_info` is that of the line in the table that the device matches.
    ///
    /// If root had the driver take another device, it is that of the line that root chose, or of the
    /// first.
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
    /// goes, or somebody asks for it through sysfs. The device may not answer any more.
    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, this: Pin<&Self::Data<'bound>>) {
        let _ = (dev, this);
    }
}

/// What a [`Driver`] is to [`driver::Registration`].
pub struct Adapter<T: Driver>(PhantomData<T>);

// SAFETY: `pci_driver` has its `device_driver` at that offset. `Driver::Data` are what
// `probe_callback` stores.
unsafe impl<T: Driver> driver::DriverLayout for Adapter<T> {
    type DriverType = bindings::pci_driver;
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
        // SAFETY: The structure is filled in as the PCI core asks for. It, the name and the table
        // stay until `unregister`, as the caller promises.
        to_result(unsafe {
            bindings::__pci_register_driver(driver.get(), module.as_ptr(), name.as_char_ptr())
        })
    }

    unsafe fn unregister(driver: &Opaque<Self::DriverType>) {
        // SAFETY: It was registered, as the caller promises.
        unsafe { bindings::pci_unregister_driver(driver.get()) };
    }
}

impl<T: Driver> Adapter<T> {
    /// Returns what the table has for a line that a device matches.
    ///
    /// The line is one of the table; or root's, through `new_id` in sysfs, which has the word of one in
    /// the table; or that for any device, which has a zero, if root set `driver_override`.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the table has no lines, as only then the last kind has no counterpart in it.
    pub(super) fn id_info(id: &DeviceId) -> Result<&'static T::IdInfo> {
        let first = T::ID_TABLE.as_ptr();
        // SAFETY: A table has at least the line of zeroes that ends it.
        let first = unsafe { &*first };
        if first.vendor == 0 && first.subvendor == 0 && first.class_mask == 0 {
            return Err(ENODEV);
        }
        Ok(T::ID_TABLE.info(id.index()))
    }

    /// # Safety
    ///
    /// Only for the PCI core to call, as `probe` of a driver with `T::ID_TABLE`.
    unsafe extern "C" fn probe_callback(
        pdev: *mut bindings::pci_dev,
        id: *const bindings::pci_device_id,
    ) -> c_int {
        // SAFETY: The PCI core calls this for one of its devices, with its lock held. This driver is
        // about to be bound to it, and nothing is stored yet.
        let pdev = unsafe { &*pdev.cast::<Device<CoreInternal<'_>>>() };
        // SAFETY: The PCI core gives a line, which `DeviceId` is a transparent wrapper of, and which
        // stays for the length of the call.
        let id = unsafe { &*id.cast::<DeviceId>() };

        from_result(|| {
            let data = T::probe(pdev, Self::id_info(id)?);
            pdev.as_ref().set_drvdata(data)?;
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// Only for the PCI core to call, as `remove` of a driver whose `probe` has succeeded.
    unsafe extern "C" fn remove_callback(pdev: *mut bindings::pci_dev) {
        // SAFETY: The PCI core calls this for a device that the driver is bound to, with its lock
        // held.
        let pdev = unsafe { &*pdev.cast::<Device<CoreInternal<'_>>>() };
        // SAFETY: `probe_callback` has succeeded, so it has stored these. They are taken away after
        // this callback.
        let data = unsafe { pdev.as_ref().drvdata_borrow::<T::Data<'_>>() };
        T::unbind(pdev, data);
    }
}

/// Makes the table of a PCI [`Driver`](crate::pci::Driver).
///
/// Takes the name of the table, a name for what tools read in the module's file, the type of what the
/// driver has for each kind of device, and the lines of the table:
/// `[(DeviceId, IdInfo), …]`. [`Driver`](crate::pci::Driver) has an example.
///
/// C counterpart: `MODULE_DEVICE_TABLE(pci, …)`
#[macro_export]
macro_rules! pci_device_table {
    ($table:ident, $module_table:ident, $id_info:ty, $lines:expr) => {
        const $table: $crate::device_id::IdArray<
            $crate::pci::DeviceId,
            $id_info,
            { $lines.len() },
        > = $crate::device_id::IdArray::new($lines);

        $crate::module_device_table!("pci", $module_table, $table);
    };
}

/// Makes a module that consists of one PCI [`Driver`](crate::pci::Driver).
///
/// # Examples
///
/// ```ignore
/// kernel::module_pci_driver! {
///     type: Blinker,
///     name: "blinker",
///     authors: ["Author of the driver"],
///     description: "A light",
///     license: "GPL",
/// }
/// ```
#[macro_export]
macro_rules! module_pci_driver {
    ($($field:tt)*) => {
        $crate::module_driver!(<T>, $crate::pci::Adapter<T>, { $($field)* });
    };
}
