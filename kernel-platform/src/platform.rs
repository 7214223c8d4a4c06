// SPDX-License-Identifier: GPL-2.0

//! Platform devices: those that no bus can find.
//!
//! What is soldered to the board, or part of the chip, does not announce itself. The firmware says what
//! there is, in a device tree or in ACPI tables, and the kernel makes a platform device of each.
//!
//! 1. List what the driver is for, with [`of_device_table!`] or [`acpi_device_table!`]. A device that
//!    has the name of the driver is matched too.
//! 2. Implement [`Driver`]. Its [`probe`](Driver::probe) takes a device, and returns what the driver
//!    keeps for it.
//! 3. Register the driver: [`module_platform_driver!`] makes a module that does, and nothing else.
//!
//! # From probe to unbind
//!
//! A device is bound while the driver has it. When it goes, or the driver does, this happens, in this
//! order:
//!
//! 1. [`Driver::unbind`] is called.
//! 2. The driver's data are dropped.
//! 3. What belongs to the device, such as a [`Devres`](crate::devres::Devres), is released.
//!
//! So the data may use what belongs to the device as long as they exist.
//!
//! C header: [`include/linux/platform_device.h`](srctree/include/linux/platform_device.h).
//!
//! [`of_device_table!`]: crate::of_device_table
//! [`acpi_device_table!`]: crate::acpi_device_table
//! [`module_platform_driver!`]: crate::module_platform_driver

use crate::{
    bindings,
    device::{self, Core, DeviceContext, Normal},
    dma,
    error::{from_result, to_result},
    prelude::*,
    sync::aref::AlwaysRefCounted,
    types::Opaque,
};
use core::{marker::PhantomData, mem::offset_of, ptr::NonNull};

mod driver;
mod irq;
mod resource;
#[cfg(CONFIG_KUNIT = "y")]
#[doc(hidden)]
pub mod testing;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use driver::{Adapter, Driver};

/// A platform device.
///
/// `Ctx` is the state that it is known to be in: see [`device`].
///
/// C counterpart: `struct platform_device`.
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, platform, sync::aref::ARef};
///
/// /// What a driver keeps of a device, to print about it.
/// struct Sensor {
///     pdev: ARef<platform::Device>,
/// }
///
/// fn sensor(pdev: &platform::Device<Bound>) -> Sensor {
///     dev_info!(pdev, "has {} registers\n", pdev.resource_by_index(0).is_some() as u32);
///     Sensor { pdev: pdev.into() }
/// }
///
/// # let pdev = platform::testing::Registered::new(c"rust_doc_platform")?;
/// # // SAFETY: Nothing here relies on the driver, which there is not.
/// # let bound = unsafe { pdev.as_bound() };
/// let sensor = sensor(bound);
/// assert_eq!(sensor.pdev.as_ref().name(), c"rust_doc_platform");
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// For as long as a reference exists, the structure is initialised, its count is not zero, and the
/// device is in the state that `Ctx` stands for.
#[repr(transparent)]
pub struct Device<Ctx: DeviceContext = Normal>(Opaque<bindings::platform_device>, PhantomData<Ctx>);

impl<Ctx: DeviceContext> Device<Ctx> {
    fn as_raw(&self) -> *mut bindings::platform_device {
        self.0.get()
    }
}

impl<Ctx: DeviceContext> AsRef<device::Device<Ctx>> for Device<Ctx> {
    #[inline]
    fn as_ref(&self) -> &device::Device<Ctx> {
        // SAFETY: The pointer is valid, as it comes from a reference.
        let dev = unsafe { &raw mut (*self.as_raw()).dev };
        // SAFETY: By the type invariants the device around it is initialised, counted by this one's
        // count, and in the same context. Its release function only frees memory.
        unsafe { device::Device::from_raw(dev) }
    }
}

// SAFETY: It is the offset of the field that `as_ref` takes.
unsafe impl<Ctx: DeviceContext> device::AsBusDevice<Ctx> for Device<Ctx> {
    const OFFSET: usize = offset_of!(bindings::platform_device, dev);
}

impl<'a, Ctx: DeviceContext> TryFrom<&'a device::Device<Ctx>> for &'a Device<Ctx> {
    type Error = Error;

    /// Goes from a device to the platform device that it is.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is one of another bus.
    fn try_from(dev: &'a device::Device<Ctx>) -> Result<Self> {
        // SAFETY: The structure is initialised, by the type invariants. The field is set before a device
        // is registered, and stays.
        let bus = unsafe { (*dev.as_raw()).bus };
        if !core::ptr::eq(bus, &raw const bindings::platform_bus_type) {
            return Err(EINVAL);
        }
        // SAFETY: The devices of this bus lie in a `struct platform_device`: `platform_device_add` is
        // what sets the bus.
        Ok(unsafe { <Device<Ctx> as device::AsBusDevice<Ctx>>::from_device(dev) })
    }
}

// SAFETY: The count of the device inside keeps the structure allocated, and there is none that is not
// counted. `get_device` counts with a `refcount_t`, which saturates.
unsafe impl AlwaysRefCounted for Device {
    #[inline]
    fn inc_ref(&self) {
        // SAFETY: By the type invariants, the count is not zero yet.
        unsafe { bindings::get_device(self.as_ref().as_raw()) };
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The pointer is valid, as the caller has a reference.
        let dev = unsafe { &raw mut (*obj.cast::<bindings::platform_device>().as_ptr()).dev };
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::put_device(dev) };
    }
}

impl<'a> dma::Device<'a> for Device<Core<'a>> {}

// SAFETY: The last reference may go in any thread: the release function only frees memory. The C
// functions that are called here synchronise among themselves.
unsafe impl Send for Device {}

// SAFETY: Shared references allow to count, to print, and to look at the resources, which stay as they are
// while the device is registered.
unsafe impl Sync for Device {}

// SAFETY: As for `Device`. That a driver is bound is as true in another thread.
unsafe impl Sync for Device<device::Bound> {}

// SAFETY: `Device` is a transparent wrapper, whatever its context is.
crate::impl_device_context_deref!(unsafe { Device });
crate::impl_device_context_into_aref!(Device);

/// Makes a module that is a platform driver, and nothing else.
///
/// The arguments are those of [`module!`](crate::prelude::module), except that `type` is the
/// [`Driver`]. The driver is registered when the module is loaded, and unregistered when it is removed:
/// then its devices are unbound.
///
/// # Examples
///
/// ```ignore
/// // Ignored, as an example can't be a module.
/// kernel::module_platform_driver! {
///     type: Thermostat,
///     name: "thermostat",
///     authors: ["A. Author"],
///     description: "Keeps rooms below a limit",
///     license: "GPL",
/// }
/// ```
#[macro_export]
macro_rules! module_platform_driver {
    ($($module:tt)*) => {
        $crate::module_driver!(<T>, $crate::platform::Adapter<T>, { $($module)* });
    };
}
