// SPDX-License-Identifier: GPL-2.0

//! Tests of the registration of drivers, on a bus that exists for them alone.

use super::{DriverLayout, Registration, RegistrationOps};
use crate::{
    bindings,
    device::{CoreInternal, Device},
    devres,
    error::to_result,
    prelude::*,
    sync::atomic::{Atomic, Relaxed},
    types::Opaque,
    ThisModule,
};
use core::{mem::offset_of, pin::Pin, ptr};

/// What is part of the kernel belongs to no module.
// SAFETY: The pointer is null.
static BUILT_IN: ThisModule = unsafe { ThisModule::from_ptr(ptr::null_mut()) };

/// In what order things were dropped: each event is a digit of the number.
static EVENTS: Atomic<u64> = Atomic::new(0);

fn event(digit: u64) {
    EVENTS.store(EVENTS.load(Relaxed) * 10 + digit, Relaxed);
}

fn events() -> u64 {
    EVENTS.xchg(0, Relaxed)
}

const PROBED: u64 = 1;
const REMOVED: u64 = 2;
const DATA_DROPPED: u64 = 3;
const RESOURCE_RELEASED: u64 = 4;

/// What the driver of the tests keeps with its device.
struct Data;

impl Drop for Data {
    fn drop(&mut self) {
        event(DATA_DROPPED);
    }
}

/// The errno that the next `probe` ends with, after it has stored its data; or 0.
static FAIL_LATE: Atomic<i32> = Atomic::new(0);

/// The errno that the next `probe` ends with, before it has stored anything; or 0.
static FAIL_EARLY: Atomic<i32> = Atomic::new(0);

/// Whether the device has taken a resource that came while it took them back.
static TOO_LATE: Atomic<bool> = Atomic::new(false);

/// A bus with one device at the most, which matches every driver.
struct Bus(Pin<KBox<Opaque<bindings::bus_type>>>);

impl Bus {
    fn new() -> Result<Self> {
        let bus = KBox::pin(Opaque::<bindings::bus_type>::zeroed(), GFP_KERNEL)?;
        // SAFETY: The structure is ours, and nobody else has it yet.
        let fields = unsafe { &mut *bus.get() };
        fields.name = c"rust_driver_bus".as_char_ptr();
        fields.probe = Some(probe);
        fields.remove = Some(remove);
        // SAFETY: It is zeroed but for what a bus needs, and stays where it is until it is unregistered.
        to_result(unsafe { bindings::bus_register(bus.get()) })?;
        Ok(Self(bus))
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        // SAFETY: It is registered, and its devices and drivers are gone: they borrow it.
        unsafe { bindings::bus_unregister(self.0.get()) };
    }
}

/// A device on a [`Bus`].
struct OnBus<'a> {
    dev: *mut bindings::device,
    _bus: &'a Bus,
}

impl<'a> OnBus<'a> {
    fn new(bus: &'a Bus) -> Result<Self> {
        Self::with_data(bus, ptr::null_mut())
    }

    /// A device with a pointer in the field for driver data, from who makes it.
    fn with_data(bus: &'a Bus, data: *mut c_void) -> Result<Self> {
        extern "C" fn release(dev: *mut bindings::device) {
            // SAFETY: It was leaked below, and now has no users.
            drop(unsafe { KBox::from_raw(dev.cast::<Opaque<bindings::device>>()) });
        }

        let memory = KBox::new(Opaque::<bindings::device>::zeroed(), GFP_KERNEL)?;
        let dev = KBox::into_raw(memory).cast::<bindings::device>();
        // SAFETY: It is allocated and zeroed, which is valid for a `struct device`, and nobody else has
        // it.
        let fields = unsafe { &mut *dev };
        fields.release = Some(release);
        fields.bus = bus.0.get();
        fields.init_name = c"rust_driver_device".as_char_ptr();
        fields.driver_data = data;
        // SAFETY: It is zeroed but for what was set.
        if let Err(error) = to_result(unsafe { bindings::device_register(dev) }) {
            // SAFETY: It has been initialised, and the count is ours.
            unsafe { bindings::put_device(dev) };
            return Err(error);
        }
        Ok(Self { dev, _bus: bus })
    }

    fn is_bound(&self) -> bool {
        // SAFETY: The device is registered. Nothing here binds or unbinds it meanwhile.
        let driver = unsafe { (*self.dev).driver };
        !driver.is_null()
    }
}

impl Drop for OnBus<'_> {
    fn drop(&mut self) {
        // SAFETY: It is registered, and nobody uses `self` any more.
        unsafe { bindings::device_unregister(self.dev) };
    }
}

extern "C" fn probe(dev: *mut bindings::device) -> c_int {
    /// # Safety
    ///
    /// The device core calls it with the device.
    unsafe extern "C" fn released(dev: *mut c_void) {
        event(RESOURCE_RELEASED);
        // SAFETY: The device is there, and somebody who is still called would have it as bound.
        let dev = unsafe { Device::<CoreInternal<'_>>::from_raw(dev.cast()) };
        if devres::register::<i32, Error>(dev, Ok(7), GFP_KERNEL) != Err(ENXIO) {
            TOO_LATE.store(true, Relaxed);
        }
    }

    event(PROBED);
    // SAFETY: The device core has bound the device, and holds its lock.
    let dev = unsafe { Device::<CoreInternal<'_>>::from_raw(dev) };
    // SAFETY: The device is bound, and the function takes any pointer.
    let added = unsafe {
        bindings::__devm_add_action(
            dev.as_raw(),
            Some(released),
            dev.as_raw().cast(),
            c"released".as_char_ptr(),
        )
    };
    if added != 0 {
        return added;
    }
    match FAIL_EARLY.xchg(0, Relaxed) {
        0 => {}
        error => return error,
    }
    match dev.set_drvdata(Ok::<_, Error>(Data)) {
        Ok(()) => FAIL_LATE.xchg(0, Relaxed),
        Err(error) => error.to_errno(),
    }
}

extern "C" fn remove(_: *mut bindings::device) {
    event(REMOVED);
}

/// A driver's structure with something in front of the device core's.
#[repr(C)]
#[derive(Default)]
struct bus_driver {
    flags: u32,
    driver: bindings::device_driver,
}

/// The bus that the next driver is registered with.
static BUS: Atomic<usize> = Atomic::new(0);

struct Adapter;

// SAFETY: The offset is that of the field, `probe` stores `Data`, and `remove` does not look at it.
unsafe impl DriverLayout for Adapter {
    type DriverType = bus_driver;
    type DriverData<'bound> = Data;
    const DEVICE_DRIVER_OFFSET: usize = offset_of!(bus_driver, driver);
}

// SAFETY: C uses what is registered, and nothing else; `driver_unregister` unbinds.
unsafe impl RegistrationOps for Adapter {
    unsafe fn register(
        driver: &Opaque<bus_driver>,
        name: &'static CStr,
        module: &'static ThisModule,
    ) -> Result {
        // SAFETY: The structure is there, and not registered.
        let driver = unsafe { &mut (*driver.get()).driver };
        driver.name = name.as_char_ptr();
        driver.owner = module.as_ptr();
        driver.bus = BUS.load(Relaxed) as *const bindings::bus_type;
        // SAFETY: It stays where it is until it is unregistered, as the caller says.
        to_result(unsafe { bindings::driver_register(driver) })
    }

    unsafe fn unregister(driver: &Opaque<bus_driver>) {
        // SAFETY: The structure is there.
        let driver = unsafe { &raw mut (*driver.get()).driver };
        // SAFETY: It is registered, as the caller says.
        unsafe { bindings::driver_unregister(driver) };
    }
}

fn driver(bus: &Bus, name: &'static CStr) -> Result<Pin<KBox<Registration<Adapter>>>> {
    BUS.store(bus.0.get() as usize, Relaxed);
    KBox::pin_init(Registration::new(name, &BUILT_IN), GFP_KERNEL)
}

#[crate::macros::kunit_tests(rust_driver)]
mod cases {
    use super::*;

    #[test]
    fn data_is_dropped_after_the_callback_and_before_resources() -> Result {
        let bus = Bus::new()?;
        let device = OnBus::new(&bus)?;
        assert!(!device.is_bound());
        events();

        let registration = driver(&bus, c"rust_driver_order")?;
        assert!(device.is_bound());
        assert_eq!(events(), PROBED);

        drop(registration);
        assert!(!device.is_bound());
        assert_eq!(events(), 234);
        Ok(())
    }

    #[test]
    fn a_device_that_goes_is_unbound_first() -> Result {
        let bus = Bus::new()?;
        let registration = driver(&bus, c"rust_driver_gone")?;
        let device = OnBus::new(&bus)?;
        assert!(device.is_bound());
        events();
        drop(device);
        assert_eq!(events(), 234);
        drop(registration);
        assert_eq!(events(), 0);
        Ok(())
    }

    #[test]
    fn a_probe_that_fails_leaves_nothing() -> Result {
        let bus = Bus::new()?;
        let device = OnBus::new(&bus)?;
        events();

        // Without data of its own there is nothing to drop.
        FAIL_EARLY.store(ENODEV.to_errno(), Relaxed);
        let registration = driver(&bus, c"rust_driver_early")?;
        assert!(!device.is_bound());
        assert_eq!(events(), 14);
        drop(registration);
        assert_eq!(events(), 0);

        FAIL_LATE.store(ENODEV.to_errno(), Relaxed);
        let registration = driver(&bus, c"rust_driver_late")?;
        assert!(!device.is_bound());
        assert_eq!(events(), 134);
        drop(registration);
        assert_eq!(events(), 0);
        assert!(!TOO_LATE.load(Relaxed));
        Ok(())
    }

    /// It is not the driver's, and would be dropped as if it were: nothing valid lies there.
    #[test]
    fn a_pointer_of_somebody_else_is_left_alone() -> Result {
        let bus = Bus::new()?;
        let device = OnBus::with_data(&bus, ptr::without_provenance_mut(0x10))?;
        events();

        FAIL_EARLY.store(ENODEV.to_errno(), Relaxed);
        let registration = driver(&bus, c"rust_driver_foreign")?;
        assert!(!device.is_bound());
        assert_eq!(events(), 14);
        drop(registration);
        drop(device);

        let device = OnBus::with_data(&bus, ptr::without_provenance_mut(0x10))?;
        let registration = driver(&bus, c"rust_driver_foreign")?;
        assert!(device.is_bound());
        assert_eq!(events(), PROBED);
        drop(registration);
        assert_eq!(events(), 234);
        Ok(())
    }

    #[test]
    fn a_name_is_taken_until_the_driver_is_gone() -> Result {
        let bus = Bus::new()?;
        let first = driver(&bus, c"rust_driver_twice")?;
        assert_eq!(driver(&bus, c"rust_driver_twice").err(), Some(EBUSY));
        drop(first);
        driver(&bus, c"rust_driver_twice").map(drop)
    }

    #[test]
    fn a_device_can_be_bound_again() -> Result {
        let bus = Bus::new()?;
        let device = OnBus::new(&bus)?;
        for _ in 0..100 {
            events();
            let registration = driver(&bus, c"rust_driver_again")?;
            assert!(device.is_bound());
            drop(registration);
            assert_eq!(events(), 1234);
        }
        assert!(!TOO_LATE.load(Relaxed));
        Ok(())
    }
}
