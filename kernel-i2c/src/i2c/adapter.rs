// SPDX-License-Identifier: GPL-2.0

//! Adapters: what clients are connected to.

use crate::{
    bindings,
    device::{self, DeviceContext},
    prelude::*,
    sync::aref::{ARef, AlwaysRefCounted},
    types::Opaque,
};
use core::{marker::PhantomData, ptr::NonNull};

/// An adapter, to which clients are connected: [`struct i2c_adapter`].
///
/// An [`ARef<I2cAdapter>`] keeps the module of the adapter's driver loaded. It does not keep the driver
/// bound; but the driver is only done with its removal of the adapter when nobody has a count of it any
/// more. So a reference should not be kept for longer than it is used.
///
/// # Examples
///
/// ```
/// use kernel::i2c::I2cAdapter;
///
/// # let bus = kernel::i2c::testing::Bus::new()?;
/// # let number = bus.index();
/// let adapter = I2cAdapter::get(number)?;
/// assert_eq!(adapter.index(), number);
///
/// assert_eq!(I2cAdapter::get(-1).err(), Some(ENODEV));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// For as long as a reference exists, the adapter is initialised and counted, and so is its module.
///
/// [`struct i2c_adapter`]: srctree/include/linux/i2c.h
/// [`ARef<I2cAdapter>`]: crate::sync::aref::ARef
#[repr(transparent)]
pub struct I2cAdapter<Ctx: DeviceContext = device::Normal>(
    Opaque<bindings::i2c_adapter>,
    PhantomData<Ctx>,
);

impl<Ctx: DeviceContext> I2cAdapter<Ctx> {
    /// The C structure.
    pub(super) fn as_raw(&self) -> *mut bindings::i2c_adapter {
        self.0.get()
    }
}

impl I2cAdapter {
    /// The number of the adapter, as in `/dev/i2c-0`.
    pub fn index(&self) -> i32 {
        // SAFETY: By the type invariants the adapter is initialised, and it keeps its number.
        unsafe { (*self.as_raw()).nr }
    }

    /// Finds the adapter of that number.
    ///
    /// C counterpart: `i2c_get_adapter()`.
    ///
    /// # Errors
    ///
    /// `ENODEV` if there is none, or its driver's module is about to be unloaded.
    pub fn get(index: i32) -> Result<ARef<Self>> {
        // SAFETY: The function may be called with any number.
        let adapter = unsafe { bindings::i2c_get_adapter(index) };
        let adapter = NonNull::new(adapter).ok_or(ENODEV)?;
        // SAFETY: The function has counted the adapter and its module for us. The layout is the same.
        Ok(unsafe { ARef::from_raw(adapter.cast::<Self>()) })
    }
}

// SAFETY: `I2cAdapter` is a transparent wrapper, whatever its context is; what is valid in a context is
// so in a weaker one.
crate::impl_device_context_deref!(unsafe { I2cAdapter });
crate::impl_device_context_into_aref!(I2cAdapter);

// SAFETY: The adapter stays until its device is counted no more, for which its removal waits; its
// module stays while it is counted.
unsafe impl AlwaysRefCounted for I2cAdapter {
    fn inc_ref(&self) {
        // By its number it might not be found: it may have been removed, or its module may be going.
        // SAFETY: By the type invariants the adapter is initialised.
        let owner = unsafe { (*self.as_raw()).owner };
        // SAFETY: It is null, or the module is counted, by the type invariants.
        unsafe { bindings::__module_get(owner) };
        // SAFETY: By the type invariants the adapter is initialised.
        let device = unsafe { &raw mut (*self.as_raw()).dev };
        // SAFETY: The device of the adapter is counted, by the type invariants.
        unsafe { bindings::get_device(device) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives up a count of the adapter with that of its module, which is what
        // the function does with both.
        unsafe { bindings::i2c_put_adapter(obj.cast().as_ptr()) };
    }
}
