// SPDX-License-Identifier: GPL-2.0

//! A bus without hardware, for tests and examples.
//!
//! Not API.

use super::{copy_name, I2cAdapter, I2cClient};
use crate::{
    bindings,
    device::Device,
    error::{from_err_ptr, to_result},
    prelude::*,
    str::CString,
    types::Opaque,
};
use core::{
    marker::PhantomData,
    ops::Deref,
    ptr::{self, NonNull},
};

/// What an adapter can do: nothing.
extern "C" fn functionality(_adapter: *mut bindings::i2c_adapter) -> u32 {
    0
}

/// An adapter that nothing is connected to, which is in the system for as long as this exists.
///
/// # Invariants
///
/// The adapter is registered.
pub struct Bus {
    adapter: KBox<Opaque<bindings::i2c_adapter>>,
    _algorithm: KBox<Opaque<bindings::i2c_algorithm>>,
}

impl Bus {
    /// Registers an adapter.
    ///
    /// # Errors
    ///
    /// `ENOMEM` without memory.
    pub fn new() -> Result<Self> {
        let algorithm = KBox::new(Opaque::<bindings::i2c_algorithm>::zeroed(), GFP_KERNEL)?;
        // SAFETY: It is allocated, zeroed, and nobody else has it.
        unsafe { (*algorithm.get()).functionality = Some(functionality) };
        let adapter = KBox::new(Opaque::<bindings::i2c_adapter>::zeroed(), GFP_KERNEL)?;
        // SAFETY: As above.
        let fields = unsafe { &mut *adapter.get() };
        fields.algo = algorithm.get();
        fields.name = copy_name(c"rust test bus").ok_or(EINVAL)?;
        // SAFETY: The structure is set up, and stays where it is until it is removed.
        to_result(unsafe { bindings::i2c_add_adapter(adapter.get()) })?;
        // INVARIANT: Without an error it is registered.
        Ok(Self {
            adapter,
            _algorithm: algorithm,
        })
    }

    /// Registers a client, which has no driver yet unless there is one of that name.
    ///
    /// # Errors
    ///
    /// `EINVAL` and `EBUSY` for an address that no client can have, or that another has; `ENOMEM`
    /// without memory.
    pub fn client(&self, name: &CStr, address: u16) -> Result<Client<'_>> {
        let info = bindings::i2c_board_info {
            type_: copy_name(name).ok_or(EINVAL)?,
            addr: address,
            ..Default::default()
        };
        // SAFETY: By the type invariant the adapter is registered. The information is only read.
        let client = unsafe { bindings::i2c_new_client_device(self.adapter.get(), &info) };
        // INVARIANT: Without an error it is registered.
        let client = NonNull::new(from_err_ptr(client)?).ok_or(ENODEV)?;
        Ok(Client(client, PhantomData))
    }

    /// Says whether a client with this address is on the bus.
    pub fn has(&self, address: u16) -> bool {
        let Ok(name) = CString::try_from_fmt(fmt!("{}-{address:04x}", self.index())) else {
            return false;
        };
        // SAFETY: By the type invariant the adapter is registered.
        let device = unsafe { &raw mut (*self.adapter.get()).dev };
        // SAFETY: As above; the name ends with a zero byte.
        let child = unsafe {
            bindings::device_find_child(
                device,
                name.as_char_ptr().cast(),
                Some(bindings::device_match_name),
            )
        };
        // SAFETY: It is null, or counted for us.
        unsafe { bindings::put_device(child) };
        !child.is_null()
    }
}

impl Deref for Bus {
    type Target = I2cAdapter;

    fn deref(&self) -> &I2cAdapter {
        // SAFETY: By the type invariant it is registered, for as long as `self` is borrowed. It has no
        // module.
        unsafe { &*self.adapter.get().cast() }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is registered.
        unsafe { bindings::i2c_del_adapter(self.adapter.get()) };
    }
}

/// A client that is on its bus for as long as this exists.
///
/// # Invariants
///
/// The client is registered.
pub struct Client<'a>(NonNull<bindings::i2c_client>, PhantomData<&'a Bus>);

impl Client<'_> {
    /// Says whether a driver is bound to the client.
    pub fn is_bound(&self) -> bool {
        let device: &Device = self.as_ref();
        // SAFETY: The device is initialised, by its type invariants.
        unsafe { bindings::device_is_bound(device.as_raw()) }
    }

    /// Has its driver unbound, if it has one, as by a write to `unbind` in sysfs.
    pub fn unbind(&self) {
        let device: &Device = self.as_ref();
        // SAFETY: The device is registered, by the type invariant.
        unsafe { bindings::device_release_driver(device.as_raw()) };
    }

    /// Has it look for a driver, and says whether it found one.
    pub fn bind(&self) -> Result<bool> {
        let device: &Device = self.as_ref();
        // SAFETY: The device is registered, by the type invariant.
        let found = unsafe { bindings::device_attach(device.as_raw()) };
        to_result(found)?;
        Ok(found == 1)
    }

    /// Has its driver make it quiet, as when the system is shut down.
    pub fn shutdown(&self) {
        let device: &Device = self.as_ref();
        // SAFETY: The device is registered, by the type invariant, and has the bus for good.
        let bus = unsafe { (*device.as_raw()).bus };
        // SAFETY: The bus is static.
        let shutdown = unsafe { (*bus).shutdown };
        if let Some(shutdown) = shutdown {
            // SAFETY: The device is one of the bus. Nobody else binds or unbinds the devices of these
            // tests, which is what its lock would be for.
            unsafe { shutdown(device.as_raw()) };
        }
    }
}

impl Deref for Client<'_> {
    type Target = I2cClient;

    fn deref(&self) -> &I2cClient {
        // SAFETY: By the type invariant it is registered, for as long as `self` is borrowed.
        unsafe { self.0.cast().as_ref() }
    }
}

impl Drop for Client<'_> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is registered.
        unsafe { bindings::i2c_unregister_device(self.0.as_ptr()) };
    }
}

/// The module that the drivers of tests and examples are in: none, as they are built in.
// SAFETY: The pointer is null.
pub static MODULE: ThisModule = unsafe { ThisModule::from_ptr(ptr::null_mut()) };
