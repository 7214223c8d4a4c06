// SPDX-License-Identifier: GPL-2.0

//! Clients: the devices on the bus.

use crate::{
    bindings,
    device::{self, AsBusDevice, Device, DeviceContext},
    prelude::*,
    sync::aref::AlwaysRefCounted,
    types::Opaque,
};
use core::{marker::PhantomData, mem::offset_of, ptr::NonNull};

/// A device on an I2C bus: [`struct i2c_client`].
///
/// `Ctx` is the state that it is known to be in: see [`device`](crate::device). An `ARef<I2cClient>`
/// keeps the structure, and neither the driver bound nor the client on its bus.
///
/// # Examples
///
/// From a device of any bus to the client that it may be:
///
/// ```
/// use kernel::{device::Device, i2c::I2cClient};
///
/// fn is_client(dev: &Device) -> bool {
///     <&I2cClient>::try_from(dev).is_ok()
/// }
///
/// # let bus = kernel::i2c::testing::Bus::new()?;
/// # let client = bus.client(c"rust_doc", 0x40)?;
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_i2c_client")?;
/// assert!(is_client(client.as_ref()));
/// assert!(!is_client(&root));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// For as long as a reference exists, the structure is initialised, its device is counted, and the
/// device is in the state that `Ctx` stands for.
///
/// [`struct i2c_client`]: srctree/include/linux/i2c.h
#[repr(transparent)]
pub struct I2cClient<Ctx: DeviceContext = device::Normal>(
    Opaque<bindings::i2c_client>,
    PhantomData<Ctx>,
);

impl<Ctx: DeviceContext> I2cClient<Ctx> {
    /// The C structure.
    pub(super) fn as_raw(&self) -> *mut bindings::i2c_client {
        self.0.get()
    }
}

// SAFETY: It is the offset of the field that `as_ref` takes.
unsafe impl<Ctx: DeviceContext> AsBusDevice<Ctx> for I2cClient<Ctx> {
    const OFFSET: usize = offset_of!(bindings::i2c_client, dev);
}

impl<Ctx: DeviceContext> AsRef<Device<Ctx>> for I2cClient<Ctx> {
    fn as_ref(&self) -> &Device<Ctx> {
        // SAFETY: By the type invariants the structure is initialised.
        let device = unsafe { &raw mut (*self.as_raw()).dev };
        // SAFETY: By the type invariants the device in it is counted for as long as the borrow, and in
        // this context. The bus frees clients from any thread.
        unsafe { Device::from_raw(device) }
    }
}

impl<'a, Ctx: DeviceContext> TryFrom<&'a Device<Ctx>> for &'a I2cClient<Ctx> {
    type Error = Error;

    /// Takes a device for the client that it is.
    ///
    /// C counterpart: `i2c_verify_client()`.
    ///
    /// # Errors
    ///
    /// `EINVAL` for any other device, such as an adapter's.
    fn try_from(dev: &'a Device<Ctx>) -> Result<Self, Error> {
        // SAFETY: The device is initialised, by its type invariants.
        let client = unsafe { bindings::i2c_verify_client(dev.as_raw()) };
        if client.is_null() {
            return Err(EINVAL);
        }
        // SAFETY: The device has the type of those that are in a client; the pointer is to all of it.
        Ok(unsafe { I2cClient::from_device(dev) })
    }
}

// SAFETY: `I2cClient` is a transparent wrapper, whatever its context is; what is valid in a context is
// so in a weaker one.
crate::impl_device_context_deref!(unsafe { I2cClient });
crate::impl_device_context_into_aref!(I2cClient);

// SAFETY: The count of the device keeps the structure, which its release function frees.
unsafe impl AlwaysRefCounted for I2cClient {
    fn inc_ref(&self) {
        let device: &Device = self.as_ref();
        // SAFETY: By the type invariants the count is not zero yet.
        unsafe { bindings::get_device(device.as_raw()) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        let client = obj.cast::<bindings::i2c_client>().as_ptr();
        // SAFETY: The structure is there, as the caller has a count of it.
        let device: *mut bindings::device = unsafe { &raw mut (*client).dev };
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::put_device(device) };
    }
}

// SAFETY: A client belongs to no thread: the last count may go in any.
unsafe impl Send for I2cClient {}

// SAFETY: Shared references allow what a `Device` does, which all threads may.
unsafe impl Sync for I2cClient {}
