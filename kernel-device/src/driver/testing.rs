// SPDX-License-Identifier: GPL-2.0

//! A bus without hardware, for tests and examples.
//!
//! Not API.

use super::{DriverLayout, RegistrationOps};
use crate::{
    bindings,
    device::{Core, CoreInternal, Device},
    error::{from_result, to_result},
    ffi::c_int,
    prelude::*,
    sync::atomic::{Atomic, Full},
    types::Opaque,
};
use core::{
    marker::PhantomData,
    mem::offset_of,
    ops::Deref,
    ptr::{self, NonNull},
};

/// The bus that drivers are registered with, as a number: there is one at a time.
static BUS: Atomic<usize> = Atomic::new(0);

/// A bus on which every driver fits every device.
///
/// # Invariants
///
/// The structure is registered, and `BUS` is its address.
pub struct Bus(KBox<Opaque<bindings::bus_type>>);

impl Bus {
    /// Registers a bus, while there is no other one.
    pub fn new(name: &'static CStr) -> Result<Self> {
        let bus = KBox::new(Opaque::<bindings::bus_type>::zeroed(), GFP_KERNEL)?;
        // SAFETY: The allocation is valid, and nobody else has it.
        unsafe { (*bus.get()).name = name.as_char_ptr() };
        if BUS.cmpxchg(0, bus.get().addr(), Full).is_err() {
            return Err(EBUSY);
        }
        // SAFETY: It is zeroed but for its name, and stays until it is unregistered.
        let registered = to_result(unsafe { bindings::bus_register(bus.get()) });
        if let Err(error) = registered {
            BUS.store(0, crate::sync::atomic::Release);
            return Err(error);
        }
        // INVARIANT: It is registered.
        Ok(Self(bus))
    }

    /// Whether a driver of this name is registered.
    pub fn has_driver(&self, name: &CStr) -> bool {
        // SAFETY: The bus is registered, by the type invariant; the name ends with a zero byte.
        !unsafe { bindings::driver_find(name.as_char_ptr(), self.0.get()) }.is_null()
    }

    /// Adds a device, which is bound to a driver when this returns, if there is one that takes it.
    pub fn add(&self, name: &'static CStr) -> Result<Slot> {
        self.add_with(name, |_| {})
    }

    /// As [`Self::add`]; `prepare` gets the structure when it is initialised, before it is added.
    pub fn add_with(
        &self,
        name: &'static CStr,
        prepare: impl FnOnce(&mut bindings::device),
    ) -> Result<Slot> {
        /// # Safety
        ///
        /// `dev` is one that `add_with` has made, and nobody uses it any more.
        unsafe extern "C" fn release(dev: *mut bindings::device) {
            // SAFETY: It was leaked below, and now has no users.
            drop(unsafe { KBox::from_raw(dev.cast::<Opaque<bindings::device>>()) });
        }

        let memory = KBox::new(Opaque::<bindings::device>::zeroed(), GFP_KERNEL)?;
        let dev = KBox::into_raw(memory).cast::<bindings::device>();
        // SAFETY: It is zeroed, and nobody else has it.
        unsafe { bindings::device_initialize(dev) };
        // SAFETY: It is valid and nobody else has it.
        let fields = unsafe { &mut *dev };
        fields.release = Some(release);
        fields.bus = self.0.get();
        fields.init_name = name.as_char_ptr();
        prepare(fields);
        // SAFETY: It is initialised, and the bus is registered, by the type invariant.
        let added = to_result(unsafe { bindings::device_add(dev) });
        if let Err(error) = added {
            // SAFETY: It has the count of its initialisation.
            unsafe { bindings::put_device(dev) };
            return Err(error);
        }
        // INVARIANT: It was added, and has that count.
        Ok(Slot(dev))
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is registered. Devices and drivers keep what they need.
        unsafe { bindings::bus_unregister(self.0.get()) };
        BUS.store(0, crate::sync::atomic::Release);
    }
}

/// A device on the [`Bus`], until this is dropped.
///
/// # Invariants
///
/// The device is added, and this owns a count.
pub struct Slot(*mut bindings::device);

// SAFETY: A device may be removed from any thread.
unsafe impl Send for Slot {}

// SAFETY: A shared reference only gives a `Device`, or unbinds, for which the device core has locks.
unsafe impl Sync for Slot {}

impl Slot {
    /// Unbinds the driver, as from sysfs.
    pub fn unbind(&self) {
        // SAFETY: By the type invariant the device is added.
        unsafe { bindings::device_release_driver(self.0) };
    }

    /// Whether a driver is bound to the device.
    pub fn is_bound(&self) -> bool {
        // SAFETY: By the type invariant the device is there.
        let driver = unsafe { &raw const (*self.0).driver };
        // SAFETY: The pointer is valid. That the field may change meanwhile is why it is volatile.
        !unsafe { ptr::read_volatile(driver) }.is_null()
    }

    /// Binds a driver, if there is one that takes the device.
    pub fn bind(&self) -> bool {
        // SAFETY: By the type invariant the device is added.
        (unsafe { bindings::device_attach(self.0) }) == 1
    }
}

impl Deref for Slot {
    type Target = Device;

    fn deref(&self) -> &Device {
        // SAFETY: By the type invariant it is counted. Its release function only frees memory.
        unsafe { Device::from_raw(self.0) }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is added, and has a count to give up.
        unsafe { bindings::device_unregister(self.0) };
    }
}

/// A driver on the [`Bus`].
pub trait Driver: 'static {
    /// What it keeps with a device.
    type Data<'bound>: Send;

    /// Starts to drive a device.
    fn probe<'bound>(
        dev: &'bound Device<Core<'_>>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound;

    /// Stops to drive a device.
    fn unbind<'bound>(_dev: &'bound Device<Core<'_>>, _data: Pin<&Self::Data<'bound>>) {}
}

/// A driver that takes every device, and does nothing with it.
pub struct Idle;

impl Driver for Idle {
    type Data<'bound> = Self;

    fn probe<'bound>(_dev: &'bound Device<Core<'_>>) -> impl PinInit<Self, Error> + 'bound {
        Ok(Idle)
    }
}

/// What a driver on the bus is in C.
#[repr(C)]
#[derive(Default)]
pub struct SlotDriver {
    flags: u32,
    driver: bindings::device_driver,
}

/// The adapter of a driver.
pub struct Adapter<T: Driver>(PhantomData<T>);

impl<T: Driver> Adapter<T> {
    /// # Safety
    ///
    /// For the device core: `dev` is a device that this driver is to be bound to, and is locked.
    unsafe extern "C" fn probe_callback(dev: *mut bindings::device) -> c_int {
        // SAFETY: The device is locked, and its driver is being bound, for the length of the call.
        let dev = unsafe { Device::<CoreInternal<'_>>::from_raw(dev) };
        from_result(|| {
            dev.set_drvdata(T::probe(dev))?;
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// For the device core: `dev` is a device that this driver is bound to, and is locked.
    unsafe extern "C" fn remove_callback(dev: *mut bindings::device) -> c_int {
        // SAFETY: The device is locked, and its driver is bound until after the call.
        let dev = unsafe { Device::<CoreInternal<'_>>::from_raw(dev) };
        // SAFETY: `probe_callback` has set them; they are dropped after this call.
        T::unbind(dev, unsafe { dev.drvdata_borrow::<T::Data<'_>>() });
        0
    }
}

// SAFETY: The structure has a `struct device_driver` there. `probe_callback` sets what the associated
// type is; the lifetime is that of the binding.
unsafe impl<T: Driver> DriverLayout for Adapter<T> {
    type DriverType = SlotDriver;
    type DriverData<'bound> = T::Data<'bound>;
    const DEVICE_DRIVER_OFFSET: usize = offset_of!(SlotDriver, driver);
}

// SAFETY: `driver_unregister` unbinds the driver from all devices and waits for that. `p_cb` is left
// alone.
unsafe impl<T: Driver> RegistrationOps for Adapter<T> {
    unsafe fn register(
        drv: &Opaque<SlotDriver>,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result {
        let bus = NonNull::new(BUS.load(crate::sync::atomic::Acquire) as *mut bindings::bus_type)
            .ok_or(ENODEV)?;
        // SAFETY: The pointer is valid.
        let driver = unsafe { &raw mut (*drv.get()).driver };
        // SAFETY: Nobody else has the structure yet.
        let fields = unsafe { &mut *driver };
        fields.name = name.as_char_ptr();
        fields.bus = bus.as_ptr();
        fields.owner = module.as_ptr();
        fields.probe = Some(Self::probe_callback);
        fields.remove = Some(Self::remove_callback);
        // SAFETY: The bus is registered for as long as `BUS` names it; the structure stays, as the
        // caller says.
        to_result(unsafe { bindings::driver_register(driver) })
    }

    unsafe fn unregister(drv: &Opaque<SlotDriver>) {
        // SAFETY: The pointer is valid.
        let driver = unsafe { &raw mut (*drv.get()).driver };
        // SAFETY: It is registered, as the caller says.
        unsafe { bindings::driver_unregister(driver) };
    }
}
