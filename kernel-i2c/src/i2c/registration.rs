// SPDX-License-Identifier: GPL-2.0

//! Clients that a driver knows of.

use super::{copy_name, I2cAdapter, I2cClient};
use crate::{
    bindings,
    device::{Bound, Device},
    devres::Devres,
    error::from_err_ptr,
    prelude::*,
    sync::aref::ARef,
};
use core::ptr::NonNull;

/// What a client is and where: [`struct i2c_board_info`].
///
/// # Examples
///
/// ```
/// use kernel::i2c::I2cBoardInfo;
///
/// const SENSOR: I2cBoardInfo = I2cBoardInfo::new(c"rust-sensor", 0x30);
/// # let _ = SENSOR;
/// ```
///
/// [`struct i2c_board_info`]: srctree/include/linux/i2c.h
#[repr(transparent)]
pub struct I2cBoardInfo(bindings::i2c_board_info);

impl I2cBoardInfo {
    /// A client with a name, by which its driver is found, and an address of 7 bits.
    ///
    /// The name has up to 19 bytes; a longer one ends the build. Whether the address is one that a client
    /// can have shows when the client is registered.
    #[inline(always)]
    pub const fn new(type_: &'static CStr, addr: u16) -> Self {
        let mut raw: bindings::i2c_board_info = pin_init::zeroed();
        match copy_name(type_) {
            Some(name) => raw.type_ = name,
            None => build_error!("the name of an I2C client has at most 19 bytes"),
        }
        raw.addr = addr;
        Self(raw)
    }
}

/// A client that is on its bus for as long as this exists, or until its adapter is removed.
///
/// C counterpart: `i2c_new_client_device()` and `i2c_unregister_device()`.
///
/// # The adapter may go first
///
/// The removal of an adapter unregisters all of its clients. This keeps the client's structure, and then
/// does not unregister it again. Who drops a registration must not do it at the very moment at which
/// another thread removes the adapter: C has no lock for that.
///
/// # Examples
///
/// ```
/// use kernel::{
///     device::{Bound, Device},
///     devres::Devres,
///     i2c::{I2cAdapter, I2cBoardInfo, Registration},
/// };
///
/// const CODEC: I2cBoardInfo = I2cBoardInfo::new(c"rust-doc-codec", 0x1a);
///
/// /// A sound card, whose codec is on an I2C bus.
/// #[pin_data]
/// struct Card {
///     #[pin]
///     codec: Devres<Registration>,
/// }
///
/// impl Card {
///     fn new(dev: &Device<Bound>, bus: i32) -> impl PinInit<Self, Error> + '_ {
///         try_pin_init!(Self {
///             codec <- {
///                 let adapter = I2cAdapter::get(bus)?;
///                 Registration::new(&adapter, &CODEC, dev)
///             },
///         })
///     }
/// }
///
/// # let bus = kernel::i2c::testing::Bus::new()?;
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_i2c_card")?;
/// # // SAFETY: Nothing here relies on the driver, which there is not.
/// # let dev = unsafe { root.as_bound() };
/// let card = KBox::pin_init(Card::new(dev, bus.index()), GFP_KERNEL)?;
/// assert!(bus.has(0x1a));
/// drop(card);
/// assert!(!bus.has(0x1a));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The client was registered by `i2c_new_client_device()`, and nobody has unregistered it but the
/// removal of its adapter.
#[repr(transparent)]
pub struct Registration(ARef<I2cClient>);

impl Registration {
    fn register(adapter: &I2cAdapter, info: &I2cBoardInfo) -> Result<Self> {
        // SAFETY: The adapter is initialised, by its type invariants. The information is read, and it
        // has nothing that would have to stay.
        let client = unsafe { bindings::i2c_new_client_device(adapter.as_raw(), &info.0) };
        let client = NonNull::new(from_err_ptr(client)?).ok_or(ENODEV)?;
        // SAFETY: It has just been registered, which has a count, and nobody knows of it that would
        // unregister it at once, but for the adapter's removal.
        let client = unsafe { client.cast::<I2cClient>().as_ref() };
        // INVARIANT: As above.
        Ok(Self(client.into()))
    }

    /// Registers a client with the adapter, until the driver of `dev` is unbound.
    ///
    /// If there is a driver for it, it may be bound before this returns.
    ///
    /// # Errors
    ///
    /// - `EINVAL` for an address that is 0 or beyond `0x7f`.
    /// - `EBUSY` if there is a client with that address.
    /// - `ENOMEM` without memory.
    pub fn new<'a>(
        i2c_adapter: &I2cAdapter,
        i2c_board_info: &I2cBoardInfo,
        parent_dev: &'a Device<Bound>,
    ) -> impl PinInit<Devres<Self>, Error> + 'a {
        Self::register(i2c_adapter, i2c_board_info)
            .and_then(|registration| Devres::new(parent_dev, registration))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: The client is initialised, by its type invariants.
        let object = unsafe { &raw const (*self.0.as_raw()).dev.kobj };
        // SAFETY: As above.
        let registered = unsafe { bindings::kobject::state_in_sysfs_raw(object) };
        if registered != 0 {
            // SAFETY: By the type invariant it was registered, and it still is. Our count keeps it
            // until this is over.
            unsafe { bindings::i2c_unregister_device(self.0.as_raw()) };
        }
    }
}

// SAFETY: Any thread may unregister a client.
unsafe impl Send for Registration {}

// SAFETY: There is nothing that a shared reference could be used for.
unsafe impl Sync for Registration {}
