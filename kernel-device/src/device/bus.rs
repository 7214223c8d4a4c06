// SPDX-License-Identifier: GPL-2.0

//! From a device to the device of a bus around it.

use super::{Device, DeviceContext};

/// A device of some bus, which has a [`Device`] inside.
///
/// For the abstractions of buses: it leads from the device back to what surrounds it, as
/// `container_of()` does in C.
///
/// # Safety
///
/// At [`OFFSET`](Self::OFFSET) bytes from the beginning of `Self` lies the `struct device` that
/// [`as_ref`](AsRef::as_ref) gives.
///
/// # Examples
///
/// ```
/// use core::{marker::PhantomData, mem::offset_of};
/// use kernel::{
///     bindings,
///     device::{AsBusDevice, Device, DeviceContext, Normal},
///     types::Opaque,
/// };
///
/// /// What the C side of the bus has for each of its devices.
/// #[repr(C)]
/// struct slot_device {
///     address: u32,
///     dev: bindings::device,
/// }
///
/// #[repr(transparent)]
/// struct Slot<Ctx: DeviceContext = Normal>(Opaque<slot_device>, PhantomData<Ctx>);
///
/// impl<Ctx: DeviceContext> AsRef<Device<Ctx>> for Slot<Ctx> {
///     fn as_ref(&self) -> &Device<Ctx> {
///         // SAFETY: The pointer is valid, as it comes from a reference.
///         let dev = unsafe { &raw mut (*self.0.get()).dev };
///         // SAFETY: The device around it is in this context, so this one is.
///         unsafe { Device::from_raw(dev) }
///     }
/// }
///
/// // SAFETY: It is the offset of the field that `as_ref` takes.
/// unsafe impl<Ctx: DeviceContext> AsBusDevice<Ctx> for Slot<Ctx> {
///     const OFFSET: usize = offset_of!(slot_device, dev);
/// }
///
/// # // SAFETY: A `slot_device` may be all zeroes.
/// # unsafe impl pin_init::Zeroable for slot_device {}
/// # let raw = KBox::new(Opaque::<slot_device>::zeroed(), GFP_KERNEL)?;
/// # // SAFETY: The allocation is valid.
/// # let dev = unsafe { &raw mut (*raw.get()).dev };
/// # // SAFETY: For this example's purpose it is a device; nobody counts it.
/// # let dev: &Device = unsafe { Device::from_raw(dev) };
/// // SAFETY: `dev` lies in a `slot_device`.
/// let slot: &Slot = unsafe { AsBusDevice::from_device(dev) };
/// assert!(core::ptr::eq(slot.as_ref(), dev));
/// # Ok::<(), Error>(())
/// ```
pub unsafe trait AsBusDevice<Ctx: DeviceContext>: AsRef<Device<Ctx>> {
    /// Where in `Self` the [`Device`] is, in bytes.
    const OFFSET: usize;

    /// Goes from the device to the bus's device around it.
    ///
    /// # Safety
    ///
    /// `dev` lies in a `Self`, and it was reached through a pointer that is valid for all of that.
    #[inline]
    unsafe fn from_device(dev: &Device<Ctx>) -> &Self
    where
        Self: Sized,
    {
        let device = dev.as_raw().cast::<u8>();
        // SAFETY: The trait's contract has the device at this offset in `Self`, where it is, as the
        // caller says.
        let outer = unsafe { device.sub(Self::OFFSET) };
        // SAFETY: There is a `Self`; it lives for as long as what lies in it, and is in the same
        // context.
        unsafe { &*outer.cast::<Self>() }
    }
}
