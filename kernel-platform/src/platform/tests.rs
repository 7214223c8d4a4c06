// SPDX-License-Identifier: GPL-2.0

//! Tests of devices, and of what they have.

use super::{testing::*, *};
use crate::device::testing::RootDevice;
use crate::sync::aref::ARef;

mod binding;
mod memory;

/// A resource of that kind, from `start` on.
fn resource(name: &'static CStr, start: u64, size: u64, kind: u32) -> bindings::resource {
    bindings::resource {
        start: start as bindings::resource_size_t,
        end: (start + size - 1) as bindings::resource_size_t,
        name: name.as_char_ptr(),
        flags: kind as c_ulong,
        ..pin_init::zeroed()
    }
}

#[crate::macros::kunit_tests(rust_platform)]
mod cases {
    use super::*;

    #[test]
    fn the_device_and_the_platform_device_lead_to_each_other() -> Result {
        let pdev = Registered::new(c"rust_platform_there")?;
        let dev: &device::Device = (*pdev).as_ref();
        assert_eq!(dev.name(), c"rust_platform_there");
        let back: &Device = dev.try_into()?;
        assert!(core::ptr::eq(back, &*pdev));
        Ok(())
    }

    #[test]
    fn a_device_of_another_bus_is_none() -> Result {
        let root = RootDevice::new(c"rust_platform_root")?;
        let dev: &device::Device = &root;
        assert!(matches!(<&Device>::try_from(dev), Err(e) if e == EINVAL));
        Ok(())
    }

    #[test]
    fn a_device_is_counted() -> Result {
        let pdev = Registered::new(c"rust_platform_count")?;
        let dev: &device::Device = (*pdev).as_ref();
        let count = || {
            // SAFETY: The device is registered, so it has been initialised.
            let count = unsafe { &raw const (*dev.as_raw()).kobj.kref.refcount.refs.counter };
            // SAFETY: As above.
            unsafe { count.read_volatile() }
        };
        let before = count();
        let kept: ARef<Device> = (&*pdev).into();
        assert_eq!(count(), before + 1);
        let again = kept.clone();
        assert_eq!(count(), before + 2);
        drop(kept);
        drop(again);
        assert_eq!(count(), before);
        Ok(())
    }

    #[test]
    fn a_reference_outlives_the_device() -> Result {
        let pdev = Registered::new(c"rust_platform_outlived")?;
        let kept: ARef<Device> = (&*pdev).into();
        drop(pdev);
        assert_eq!((*kept).as_ref().name(), c"rust_platform_outlived");
        // The name is free again, for another device.
        let other = Registered::new(c"rust_platform_outlived")?;
        assert!(!core::ptr::eq(&*kept, &*other));
        Ok(())
    }

    #[test]
    fn resources_are_found_by_number_and_by_name() -> Result {
        // Nobody has memory there: it is the end of what 64 bits can address on any machine.
        const BASE: u64 = 0xffff_0000;
        let pdev = Registered::with_resources(
            c"rust_platform_resources",
            bindings::PLATFORM_DEVID_NONE,
            &[
                resource(c"line", 5, 1, bindings::IORESOURCE_IRQ),
                resource(c"low", BASE, 0x100, bindings::IORESOURCE_MEM),
                resource(c"high", BASE + 0x1000, 0x10, bindings::IORESOURCE_MEM),
            ],
        )?;

        // Only memory counts.
        let low = pdev.resource_by_index(0).ok_or(ENXIO)?;
        assert_eq!((low.start() as u64, low.size() as u64), (BASE, 0x100));
        let high = pdev.resource_by_index(1).ok_or(ENXIO)?;
        assert_eq!(
            (high.start() as u64, high.size() as u64),
            (BASE + 0x1000, 0x10)
        );
        for index in [2, 3, u32::MAX] {
            assert!(pdev.resource_by_index(index).is_none());
        }

        let named = pdev.resource_by_name(c"high").ok_or(ENXIO)?;
        assert!(core::ptr::eq(named, high));
        for name in [c"line", c"hig", c"highest", c""] {
            assert!(pdev.resource_by_name(name).is_none());
        }

        // SAFETY: Nothing here relies on the driver, which there is not.
        let bound = unsafe { pdev.as_bound() };
        assert!(bound.io_request_by_index(1).is_some());
        assert!(bound.io_request_by_index(2).is_none());
        assert!(bound.io_request_by_name(c"low").is_some());
        assert!(bound.io_request_by_name(c"line").is_none());
        Ok(())
    }
}
