// SPDX-License-Identifier: GPL-2.0

//! PCI: devices, their drivers, registers and interrupts.
//!
//! A driver implements [`Driver`], says by [`DeviceId`]s which devices it is for, and is registered by
//! [`module_pci_driver!`](crate::module_pci_driver). In `probe` it
//!
//! 1. enables the device: [`enable_device_mem`](Device::enable_device_mem), and, if the device is to
//!    use memory by itself, [`set_master`](Device::set_master),
//! 2. maps the registers: [`iomap_region_sized`](Device::iomap_region_sized) gives a [`Bar`], which
//!    the accessors of [`Io`](crate::io::Io) work on,
//! 3. asks for interrupts: [`alloc_irq_vectors`](Device::alloc_irq_vectors), then
//!    [`request_irq`](Device::request_irq).
//!
//! All of these end with the binding of the driver at the latest, also when `probe` fails. The state
//! that a device is in, and so what may be done with it, is a type: see [`device`].
//!
//! The device may be pulled out at any time. Its registers then read as all ones, and writes go
//! nowhere; nothing here fails for that.
//!
//! C headers: [`include/linux/pci.h`](srctree/include/linux/pci.h),
//! [`include/linux/pci_ids.h`](srctree/include/linux/pci_ids.h)

use crate::{
    bindings, device,
    device::{AsBusDevice, Bound, Core, DeviceContext},
    devres, dma,
    error::to_result,
    prelude::*,
    sync::aref::AlwaysRefCounted,
    types::Opaque,
};
use core::{marker::PhantomData, mem::offset_of, ptr::NonNull};

mod bar;
mod class;
mod config;
mod driver;
mod id;
mod irq;
#[cfg(CONFIG_KUNIT = "y")]
#[doc(hidden)]
pub mod testing;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;
mod vendor;

pub use bar::Bar;
pub use class::{Class, ClassMask};
pub use config::{ConfigSpace, ConfigSpaceKind, ConfigSpaceSize, Extended, Normal};
pub use driver::{Adapter, Driver};
pub use id::{DeviceId, IdTable};
pub use irq::{IrqType, IrqTypes, IrqVector};
pub use vendor::Vendor;

/// A PCI device.
///
/// `Ctx` is the state that it is known to be in: see [`device`]. Without it, this is
/// what the PCI core knows about the device, which may itself be gone.
///
/// C counterpart: [`struct pci_dev`](srctree/include/linux/pci.h), counted by `pci_dev_get()` and
/// `pci_dev_put()`
///
/// # Examples
///
/// ```
/// use kernel::pci;
///
/// /// Whether a driver for one of the first batch is needed.
/// fn is_old(pdev: &pci::Device) -> bool {
///     pdev.vendor_id() == pci::Vendor::REDHAT && pdev.revision_id() < 0x20
/// }
/// # let bus = pci::testing::SoftBus::new()?;
/// # // SAFETY: The bus stays for as long, and nothing relies on a driver.
/// # assert!(is_old(unsafe { bus.bound() }));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// For as long as a reference exists, the structure is initialised, its count is not zero, and it is
/// in the state that `Ctx` stands for.
#[repr(transparent)]
pub struct Device<Ctx: DeviceContext = device::Normal>(Opaque<bindings::pci_dev>, PhantomData<Ctx>);

impl<Ctx: DeviceContext> Device<Ctx> {
    #[inline]
    fn as_raw(&self) -> *mut bindings::pci_dev {
        self.0.get()
    }
}

impl Device {
    /// The vendor of the device.
    #[inline]
    pub fn vendor_id(&self) -> Vendor {
        // SAFETY: The structure is initialised, by the type invariants, and the field stays.
        Vendor::from_raw(unsafe { (*self.as_raw()).vendor })
    }

    /// The number that the vendor gave to this kind of device.
    #[inline]
    pub fn device_id(&self) -> u16 {
        // SAFETY: As in `vendor_id`.
        unsafe { (*self.as_raw()).device }
    }

    /// The version of the device, as the vendor counts.
    #[inline]
    pub fn revision_id(&self) -> u8 {
        // SAFETY: As in `vendor_id`.
        unsafe { (*self.as_raw()).revision }
    }

    /// Where the device is in its domain: the number of the bus in the high byte, that of the device
    /// in the next five bits, and that of the function in the low three.
    ///
    /// C counterpart: `pci_dev_id()`
    #[inline]
    pub fn dev_id(&self) -> u16 {
        // SAFETY: The structure is initialised, by the type invariants, and counts its bus.
        unsafe { bindings::pci_dev_id(self.as_raw()) }
    }

    /// The vendor of what the device is built into; zero if it does not say.
    #[inline]
    pub fn subsystem_vendor_id(&self) -> u16 {
        // SAFETY: As in `vendor_id`.
        unsafe { (*self.as_raw()).subsystem_vendor }
    }

    /// The number that this vendor gave to what the device is built into.
    #[inline]
    pub fn subsystem_device_id(&self) -> u16 {
        // SAFETY: As in `vendor_id`.
        unsafe { (*self.as_raw()).subsystem_device }
    }

    /// The class of the device.
    #[inline]
    pub fn pci_class(&self) -> Class {
        // SAFETY: As in `vendor_id`.
        Class::from_raw(unsafe { (*self.as_raw()).class })
    }

    /// Where a resource of the device begins, as the CPU sees it.
    ///
    /// The BARs are the resources 0 to 5. What a BAR is for, and whether there is one, the start alone
    /// does not tell: see [`resource_len`](Self::resource_len).
    ///
    /// # Errors
    ///
    /// `EINVAL` if no device has that many resources.
    #[inline]
    pub fn resource_start(&self, bar: u32) -> Result<bindings::resource_size_t> {
        let bar = resource_number(bar)?;
        // SAFETY: The structure is initialised, by the type invariants, and has a resource of that
        // number.
        Ok(unsafe { bindings::pci_resource_start(self.as_raw(), bar) })
    }

    /// How many bytes a resource of the device has: 0 if there is none of that number.
    ///
    /// # Errors
    ///
    /// `EINVAL` if no device has that many resources.
    #[inline]
    pub fn resource_len(&self, bar: u32) -> Result<bindings::resource_size_t> {
        let bar = resource_number(bar)?;
        // SAFETY: As in `resource_start`.
        Ok(unsafe { bindings::pci_resource_len(self.as_raw(), bar) })
    }
}

/// Checks the number of a resource.
fn resource_number(number: u32) -> Result<c_int> {
    if number >= bindings::PCI_NUM_RESOURCES {
        return Err(EINVAL);
    }
    // There are about a dozen.
    Ok(number as c_int)
}

impl<'a> Device<Core<'a>> {
    /// Lets the device answer to accesses to its memory, until the driver is unbound.
    ///
    /// C counterpart: `pci_enable_device_mem()`, with a `pci_disable_device()` at the end of the
    /// binding, after the driver's data have been dropped. If nobody else has the device enabled, it
    /// then accesses no memory any more, either.
    ///
    /// # Errors
    ///
    /// - `ENOMEM` without memory, and `ENXIO` when the driver is being unbound.
    /// - Those of the PCI core, such as `EINVAL` for a BAR that has no address.
    pub fn enable_device_mem(&self) -> Result {
        // SAFETY: The device is about to be bound, or is, by the context, and may be enabled.
        to_result(unsafe { bindings::pci_enable_device_mem(self.as_raw()) })?;
        // SAFETY: The device is about to be bound, or is, by the context. When the action runs the
        // device is still there, and was enabled once more than it was disabled.
        unsafe {
            devres::add_action(
                self.as_ref(),
                disable_device,
                self.as_raw().cast(),
                c"pci::Device::enable_device_mem",
            )
        }
        .inspect_err(|_| {
            // SAFETY: It was enabled above, and no action will disable it.
            unsafe { bindings::pci_disable_device(self.as_raw()) }
        })
    }

    /// Lets the device access memory by itself, which DMA needs.
    ///
    /// C counterpart: `pci_set_master()`
    #[inline]
    pub fn set_master(&self) {
        // SAFETY: The structure is initialised, by the type invariants, and by the context nobody
        // else changes the device's settings.
        unsafe { bindings::pci_set_master(self.as_raw()) };
    }
}

/// Takes back an `enable_device_mem`.
///
/// # Safety
///
/// `pdev` points to a device that is enabled on behalf of the caller.
unsafe extern "C" fn disable_device(pdev: *mut c_void) {
    // SAFETY: As the caller promises.
    unsafe { bindings::pci_disable_device(pdev.cast()) };
}

impl<Ctx: DeviceContext> AsRef<device::Device<Ctx>> for Device<Ctx> {
    #[inline]
    fn as_ref(&self) -> &device::Device<Ctx> {
        // SAFETY: The pointer comes from a reference.
        let dev = unsafe { &raw mut (*self.as_raw()).dev };
        // SAFETY: By the type invariants it is initialised and counted, and in the state that `Ctx`
        // stands for. The PCI core releases devices in any thread.
        unsafe { device::Device::from_raw(dev) }
    }
}

// SAFETY: It is the offset of the field that `as_ref` takes.
unsafe impl<Ctx: DeviceContext> AsBusDevice<Ctx> for Device<Ctx> {
    const OFFSET: usize = offset_of!(bindings::pci_dev, dev);
}

impl<'a, Ctx: DeviceContext> TryFrom<&'a device::Device<Ctx>> for &'a Device<Ctx> {
    type Error = Error;

    /// Goes from a device to the PCI device that it is.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is none.
    fn try_from(dev: &'a device::Device<Ctx>) -> Result<Self> {
        // SAFETY: The structure is initialised, by the type invariants.
        if !unsafe { bindings::dev_is_pci(dev.as_raw()) } {
            return Err(EINVAL);
        }
        // SAFETY: What is on the PCI bus lies in a `pci_dev`, and the device core only has pointers
        // that are valid for all of it.
        Ok(unsafe { Device::from_device(dev) })
    }
}

impl<'a> dma::Device<'a> for Device<Core<'a>> {}

// SAFETY: The count of the `struct device` inside keeps the structure allocated.
unsafe impl AlwaysRefCounted for Device {
    #[inline]
    fn inc_ref(&self) {
        // SAFETY: The count is not zero yet, by the type invariants.
        unsafe { bindings::pci_dev_get(self.as_raw()) };
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::pci_dev_put(obj.cast().as_ptr()) };
    }
}

// SAFETY: The PCI core counts its devices, and releases them, in any thread.
unsafe impl Send for Device {}

// SAFETY: Shared references allow to count, and to read what stays as it is.
unsafe impl Sync for Device {}

// SAFETY: As for `Device`. That a driver is bound is as true in another thread. The PCI core
// synchronises accesses to the configuration space and claims of BARs, and vectors are allocated by
// one thread, whoever comes first.
unsafe impl Sync for Device<Bound> {}

// SAFETY: `Device` is a transparent wrapper, whatever its context is, and each context promises more
// than the next.
crate::impl_device_context_deref!(unsafe { Device });
crate::impl_device_context_into_aref!(Device);
