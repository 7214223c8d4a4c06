// SPDX-License-Identifier: GPL-2.0

//! Tests of drivers: bound and unbound on a bus without hardware.

use super::{
    testing::{Adapter, Bus, Driver, Idle},
    *,
};
use crate::{
    device::Core,
    ffi::c_void,
    sync::atomic::{Atomic, Relaxed},
};

// SAFETY: The pointer is null.
static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

/// Registers a driver on the bus that there is.
fn register<T: Driver>(name: &'static CStr) -> Result<Pin<KBox<Registration<Adapter<T>>>>> {
    KBox::pin_init(Registration::new(name, &THIS_MODULE), GFP_KERNEL)
}

/// What has happened so far, as decimal digits. There is one test at a time.
static EVENTS: Atomic<u64> = Atomic::new(0);

fn happens(event: u64) {
    EVENTS.store(EVENTS.load(Relaxed) * 10 + event, Relaxed);
}

fn events() -> u64 {
    EVENTS.xchg(0, Relaxed)
}

const PROBED: u64 = 1;
const UNBOUND: u64 = 2;
const DATA_DROPPED: u64 = 3;
const RESOURCE_RELEASED: u64 = 4;

/// Notes in its data which device it was bound to, and adds a resource to it.
struct Recorder;

struct Recorded<'bound> {
    dev: &'bound Device<Core<'bound>>,
}

// SAFETY: The reference is only looked at in the callbacks, and when the data are dropped.
unsafe impl Send for Recorded<'_> {}

impl Drop for Recorded<'_> {
    fn drop(&mut self) {
        // The device is bound still, as far as C is concerned.
        // SAFETY: The device is there.
        assert!(!unsafe { (*self.dev.as_raw()).driver }.is_null());
        happens(DATA_DROPPED);
    }
}

fn add_resource(dev: &Device) -> Result {
    /// # Safety
    ///
    /// None.
    unsafe extern "C" fn release(_: *mut c_void) {
        happens(RESOURCE_RELEASED);
    }
    // SAFETY: The device is there, and the function may be called with anything.
    crate::error::to_result(unsafe {
        bindings::__devm_add_action(
            dev.as_raw(),
            Some(release),
            core::ptr::null_mut(),
            c"rust_test".as_char_ptr(),
        )
    })
}

impl Driver for Recorder {
    type Data<'bound> = Recorded<'bound>;

    fn probe<'bound>(
        dev: &'bound Device<Core<'_>>,
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        add_resource(dev)?;
        happens(PROBED);
        // SAFETY: The contexts have the same layout; the lock is held whenever the data are looked at.
        let dev = unsafe { Device::<Core<'bound>>::from_raw(dev.as_raw()) };
        Ok(Recorded { dev })
    }

    fn unbind<'bound>(dev: &'bound Device<Core<'_>>, data: Pin<&Self::Data<'bound>>) {
        assert_eq!(dev.as_raw(), data.dev.as_raw());
        happens(UNBOUND);
    }
}

/// Refuses every device, after it has added a resource to it.
struct Refuser;

impl Driver for Refuser {
    type Data<'bound> = Self;

    fn probe<'bound>(dev: &'bound Device<Core<'_>>) -> impl PinInit<Self, Error> + 'bound {
        add_resource(dev)?;
        happens(PROBED);
        Err::<Self, Error>(ENODEV)
    }
}

#[crate::macros::kunit_tests(rust_driver)]
mod driver_tests {
    use super::*;

    #[test]
    fn a_driver_is_registered_while_it_exists() -> Result {
        let bus = Bus::new(c"rust_driver_bus")?;
        assert!(!bus.has_driver(c"rust_idle"));
        let driver = register::<Idle>(c"rust_idle")?;
        assert!(bus.has_driver(c"rust_idle"));
        assert!(!bus.has_driver(c"rust_idl"));
        drop(driver);
        assert!(!bus.has_driver(c"rust_idle"));
        Ok(())
    }

    #[test]
    fn a_name_is_registered_once() -> Result {
        let bus = Bus::new(c"rust_driver_bus")?;
        let _first = register::<Idle>(c"rust_idle")?;
        assert_eq!(register::<Idle>(c"rust_idle").err(), Some(EBUSY));
        // The first one stays.
        assert!(bus.has_driver(c"rust_idle"));
        let _other = register::<Idle>(c"rust_other")?;
        Ok(())
    }

    #[test]
    fn without_a_bus_there_is_no_driver() {
        assert_eq!(register::<Idle>(c"rust_idle").err(), Some(ENODEV));
    }

    #[test]
    fn a_device_is_bound_when_it_is_added() -> Result {
        let bus = Bus::new(c"rust_driver_bus")?;
        let early = bus.add(c"rust_early")?;
        assert!(!early.is_bound());
        let driver = register::<Idle>(c"rust_idle")?;
        assert!(early.is_bound());
        let late = bus.add(c"rust_late")?;
        assert!(late.is_bound());
        drop(driver);
        assert!(!early.is_bound());
        assert!(!late.is_bound());
        Ok(())
    }

    #[test]
    fn data_are_dropped_after_unbind_and_before_resources() -> Result {
        let bus = Bus::new(c"rust_driver_bus")?;
        let _driver = register::<Recorder>(c"rust_recorder")?;
        events();
        let dev = bus.add(c"rust_recorded")?;
        assert_eq!(events(), PROBED);
        dev.unbind();
        assert!(!dev.is_bound());
        assert_eq!(events(), 234);

        // And once more.
        assert!(dev.bind());
        assert_eq!(events(), PROBED);
        dev.unbind();
        assert_eq!(events(), 234);
        Ok(())
    }

    #[test]
    fn the_order_is_the_same_when_the_device_goes() -> Result {
        let bus = Bus::new(c"rust_driver_bus")?;
        let _driver = register::<Recorder>(c"rust_recorder")?;
        events();
        drop(bus.add(c"rust_recorded")?);
        assert_eq!(events(), 1234);
        Ok(())
    }

    #[test]
    fn the_order_is_the_same_when_the_driver_goes() -> Result {
        let bus = Bus::new(c"rust_driver_bus")?;
        let dev = bus.add(c"rust_recorded")?;
        events();
        drop(register::<Recorder>(c"rust_recorder")?);
        assert_eq!(events(), 1234);
        assert!(!dev.is_bound());
        Ok(())
    }

    #[test]
    fn a_driver_may_refuse() -> Result {
        let bus = Bus::new(c"rust_driver_bus")?;
        let _driver = register::<Refuser>(c"rust_refuser")?;
        events();
        let dev = bus.add(c"rust_refused")?;
        assert!(!dev.is_bound());
        assert_eq!(events(), 14);

        // Another one may take it.
        let _other = register::<Recorder>(c"rust_recorder")?;
        assert!(dev.is_bound());
        Ok(())
    }

    /// Who makes the device may leave a pointer in the field for driver data. It is not the driver's, and
    /// must not be dropped for data: neither when the driver refuses, nor when it is not asked at all.
    #[test]
    fn a_pointer_of_somebody_else_is_not_dropped() -> Result {
        let bus = Bus::new(c"rust_driver_bus")?;
        let _driver = register::<Refuser>(c"rust_refuser")?;
        events();
        let mut foreign = 0_u64;
        let dev = bus.add_with(c"rust_foreign", |dev| {
            dev.driver_data = (&raw mut foreign).cast();
        })?;
        assert!(!dev.is_bound());
        assert_eq!(events(), 14);
        assert_eq!(foreign, 0);
        Ok(())
    }

    #[test]
    fn a_pointer_of_somebody_else_is_replaced() -> Result {
        let bus = Bus::new(c"rust_driver_bus")?;
        let _driver = register::<Recorder>(c"rust_recorder")?;
        events();
        let mut foreign = 0_u64;
        let dev = bus.add_with(c"rust_foreign", |dev| {
            dev.driver_data = (&raw mut foreign).cast();
        })?;
        assert!(dev.is_bound());
        drop(dev);
        assert_eq!(events(), 1234);
        assert_eq!(foreign, 0);
        Ok(())
    }
}

/// A driver with tables for firmware.
struct Tables;

crate::of_device_table!(
    OF_TABLE,
    MODULE_OF_TABLE,
    &'static str,
    [
        (of::DeviceId::new(c"rust,one"), "of one"),
        (of::DeviceId::new(c"rust,two"), "of two"),
    ]
);

crate::acpi_device_table!(
    ACPI_TABLE,
    MODULE_ACPI_TABLE,
    &'static str,
    [(acpi::DeviceId::new(c"RUST0001"), "acpi one")]
);

impl super::Adapter for Tables {
    type IdInfo = &'static str;

    fn acpi_id_table() -> Option<acpi::IdTable<Self::IdInfo>> {
        Some(&ACPI_TABLE)
    }

    fn of_id_table() -> Option<of::IdTable<Self::IdInfo>> {
        Some(&OF_TABLE)
    }
}

/// A driver without.
struct NoTables;

impl super::Adapter for NoTables {
    type IdInfo = ();

    fn acpi_id_table() -> Option<acpi::IdTable<Self::IdInfo>> {
        None
    }

    fn of_id_table() -> Option<of::IdTable<Self::IdInfo>> {
        None
    }
}

#[crate::macros::kunit_tests(rust_driver_matching)]
mod matching_tests {
    use super::*;
    use crate::{device::testing::RootDevice, driver::Adapter};

    #[test]
    fn a_device_without_firmware_matches_nothing() -> Result {
        let dev = RootDevice::new(c"rust_unmatched")?;
        assert!(Tables::acpi_id_info(&dev).is_none());
        assert!(Tables::of_id_info(&dev).is_none());
        assert!(Tables::id_info(&dev).is_none());
        Ok(())
    }

    #[test]
    fn without_tables_nothing_matches() -> Result {
        let dev = RootDevice::new(c"rust_unmatched")?;
        assert!(NoTables::id_info(&dev).is_none());
        Ok(())
    }
}
