// SPDX-License-Identifier: GPL-2.0

//! Interfaces: what drivers are bound to.

use crate::{
    bindings,
    device::{self, AsBusDevice, Device, DeviceContext},
    sync::aref::AlwaysRefCounted,
    types::Opaque,
};
use core::{marker::PhantomData, mem::offset_of, ptr::NonNull};

/// An interface of a USB device: [`struct usb_interface`].
///
/// `Ctx` is the state that it is known to be in: see [`device`](crate::device). An `ARef<Interface>`
/// keeps the structure, and neither the driver bound nor the device plugged in.
///
/// # Examples
///
/// ```
/// use kernel::{device::{Core, Device}, sync::aref::ARef, usb::Interface};
///
/// /// What a driver keeps to print about it later.
/// struct Port {
///     interface: ARef<Interface>,
/// }
///
/// impl Port {
///     fn new(interface: &Interface<Core<'_>>) -> Self {
///         Self { interface: interface.into() }
///     }
///
///     fn stall(&self) {
///         let dev: &Device = (*self.interface).as_ref();
///         dev_warn!(dev, "stalls\n");
///     }
/// }
/// # // There is no interface without a device.
/// # let _ = (Port::new, Port::stall);
/// # assert_eq!(size_of::<Interface>(), size_of::<kernel::bindings::usb_interface>());
/// ```
///
/// # Invariants
///
/// For as long as a reference exists, the structure is initialised, its device is counted, and the
/// device is in the state that `Ctx` stands for.
///
/// [`struct usb_interface`]: srctree/include/linux/usb.h
#[repr(transparent)]
pub struct Interface<Ctx: DeviceContext = device::Normal>(
    Opaque<bindings::usb_interface>,
    PhantomData<Ctx>,
);

impl<Ctx: DeviceContext> Interface<Ctx> {
    /// The C structure.
    fn as_raw(&self) -> *mut bindings::usb_interface {
        self.0.get()
    }
}

// SAFETY: It is the offset of the field that `as_ref` takes.
unsafe impl<Ctx: DeviceContext> AsBusDevice<Ctx> for Interface<Ctx> {
    const OFFSET: usize = offset_of!(bindings::usb_interface, dev);
}

impl<Ctx: DeviceContext> AsRef<Device<Ctx>> for Interface<Ctx> {
    fn as_ref(&self) -> &Device<Ctx> {
        // SAFETY: By the type invariants the structure is initialised.
        let device = unsafe { &raw mut (*self.as_raw()).dev };
        // SAFETY: By the type invariants the device in it is counted for as long as the borrow, and in
        // this context. The bus frees interfaces from any thread.
        unsafe { Device::from_raw(device) }
    }
}

// SAFETY: `Interface` is a transparent wrapper, whatever its context is; what is valid in a context is
// so in a weaker one.
crate::impl_device_context_deref!(unsafe { Interface });
crate::impl_device_context_into_aref!(Interface);

// SAFETY: The count of the device keeps the structure, which its release function frees.
unsafe impl AlwaysRefCounted for Interface {
    fn inc_ref(&self) {
        // SAFETY: By the type invariants the count is not zero yet.
        unsafe { bindings::usb_get_intf(self.as_raw()) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::usb_put_intf(obj.cast().as_ptr()) };
    }
}

// SAFETY: An interface belongs to no thread: the last count may go in any.
unsafe impl Send for Interface {}

// SAFETY: Shared references allow what a `Device` does, which all threads may.
unsafe impl Sync for Interface {}
