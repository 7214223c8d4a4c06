// SPDX-License-Identifier: GPL-2.0

//! Tests of ids and of what C has of a driver, and of drivers that match nothing. Those with a PHY are in
//! `bus`.

use super::*;
use crate::{
    bindings,
    device_id::{IdArray, RawDeviceId},
    prelude::*,
    ThisModule,
};
use core::mem::ManuallyDrop;

mod bus;
mod chip;
mod driven;

// SAFETY: The pointer is null, as for what is built in.
static MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

/// Drivers that are registered for a test, in memory that is freed afterwards.
struct Registered<const N: usize> {
    registration: ManuallyDrop<Registration>,
    drivers: *mut [DriverVTable; N],
}

impl<const N: usize> Registered<N> {
    fn new(drivers: [DriverVTable; N]) -> Result<Self> {
        let drivers = KBox::into_raw(KBox::new(drivers, GFP_KERNEL)?);
        // SAFETY: It is valid, and the box is made again only after the last use of the reference: on
        // failure below, and after the registration in `drop`.
        let slice: &'static mut [DriverVTable] = unsafe { &mut *drivers };
        // SAFETY: It does not move while the registration is there.
        let slice = unsafe { Pin::new_unchecked(slice) };
        match Registration::register(&MODULE, slice) {
            Ok(registration) => Ok(Registered {
                registration: ManuallyDrop::new(registration),
                drivers,
            }),
            Err(error) => {
                // SAFETY: It came from a box, and nobody has the drivers.
                drop(unsafe { KBox::from_raw(drivers) });
                Err(error)
            }
        }
    }
}

impl<const N: usize> Drop for Registered<N> {
    fn drop(&mut self) {
        // SAFETY: It is not used again.
        unsafe { ManuallyDrop::drop(&mut self.registration) };
        // SAFETY: It came from a box, and the drivers are no longer registered.
        drop(unsafe { KBox::from_raw(self.drivers) });
    }
}

/// What C has of a driver.
fn raw(table: &DriverVTable) -> &bindings::phy_driver {
    let raw: *const bindings::phy_driver = core::ptr::from_ref(table).cast();
    // SAFETY: `DriverVTable` is a transparent wrapper, and nobody else has the table.
    unsafe { &*raw }
}

/// A driver that adds nothing to what the library does.
struct Plain;

#[vtable]
impl Driver for Plain {
    const NAME: &'static CStr = c"rust_phy_test_plain";
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_vendor_mask(0xfff0_0400);
}

/// Another one, of the same name.
struct Twin;

#[vtable]
impl Driver for Twin {
    const NAME: &'static CStr = Plain::NAME;
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0xfff0_0801);
}

/// A driver that takes what it likes.
struct Chooser;

#[vtable]
impl Driver for Chooser {
    const FLAGS: u32 = flags::IS_INTERNAL | flags::ALWAYS_CALL_SUSPEND;
    const NAME: &'static CStr = c"rust_phy_test_chooser";

    fn match_phy_device(_dev: &Device) -> bool {
        false
    }

    fn resume(dev: &mut Device) -> Result {
        dev.genphy_resume()
    }
}

#[crate::macros::kunit_tests(rust_net_phy)]
mod cases {
    use super::*;

    /// What C's macros say: see `PHY_ID_MATCH_EXACT` and the others in `include/linux/phy.h`.
    #[test]
    fn masks_are_those_of_c() {
        for (id, mask) in [
            (DeviceId::new_with_exact_mask(5), 0xffff_ffff),
            (DeviceId::new_with_model_mask(5), 0xffff_fff0),
            (DeviceId::new_with_vendor_mask(5), 0xffff_fc00),
            (DeviceId::new_with_custom_mask(5, 0x8000_0001), 0x8000_0001),
            (DeviceId::new_with_custom_mask(5, 0), 0),
        ] {
            assert_eq!(id.id(), 5);
            assert_eq!(id.mask_as_int(), mask);
        }
    }

    #[test]
    fn a_driver_s_id_goes_into_a_table() {
        const TABLE: IdArray<DeviceId, (), 2> = IdArray::new_without_index([
            (DeviceId::new_with_driver::<Plain>(), ()),
            (DeviceId::new_with_exact_mask(u32::MAX), ()),
        ]);
        type Raw = <DeviceId as RawDeviceId>::RawType;
        let ids: *const [Raw; 3] = core::ptr::from_ref(TABLE.raw_ids()).cast();
        // SAFETY: The table has two entries and the one that ends it.
        let ids = unsafe { &*ids };
        assert_eq!(
            (ids[0].phy_id, ids[0].phy_id_mask),
            (0xfff0_0400, 0xffff_fc00)
        );
        assert_eq!((ids[1].phy_id, ids[1].phy_id_mask), (u32::MAX, u32::MAX));
        assert_eq!((ids[2].phy_id, ids[2].phy_id_mask), (0, 0));
    }

    #[test]
    fn c_has_the_functions_that_a_driver_has() {
        let table = create_phy_driver::<Chooser>();
        let driver = raw(&table);
        assert!(driver.match_phy_device.is_some());
        assert!(driver.resume.is_some());
        assert!(driver.soft_reset.is_none());
        assert!(driver.probe.is_none());
        assert!(driver.get_features.is_none());
        assert!(driver.config_aneg.is_none());
        assert!(driver.read_status.is_none());
        assert!(driver.suspend.is_none());
        assert!(driver.read_mmd.is_none());
        assert!(driver.write_mmd.is_none());
        assert!(driver.link_change_notify.is_none());
        assert!(driver.config_init.is_none());
        assert!(driver.read_page.is_none());
        assert_eq!(
            driver.flags,
            bindings::PHY_IS_INTERNAL | bindings::PHY_ALWAYS_CALL_SUSPEND
        );
        assert_eq!((driver.phy_id, driver.phy_id_mask), (0, 0));
    }

    #[test]
    fn c_has_the_name_and_the_id() {
        let table = create_phy_driver::<Plain>();
        let driver = raw(&table);
        // SAFETY: The name is a string of C's.
        let name = unsafe { CStr::from_char_ptr(driver.name) };
        assert_eq!(name, c"rust_phy_test_plain");
        assert_eq!(driver.phy_id, 0xfff0_0400);
        assert_eq!(driver.phy_id_mask, 0xffff_fc00);
        assert_eq!(driver.flags, 0);
        assert!(driver.resume.is_none() && driver.match_phy_device.is_none());
    }

    #[test]
    fn drivers_come_and_go() -> Result {
        for _ in 0..3 {
            let both =
                Registered::new([create_phy_driver::<Plain>(), create_phy_driver::<Chooser>()])?;
            drop(both);
        }
        Ok(())
    }

    #[test]
    fn all_are_registered_or_none() -> Result {
        let failed = Registered::new([
            create_phy_driver::<Chooser>(),
            create_phy_driver::<Plain>(),
            create_phy_driver::<Twin>(),
        ]);
        assert_eq!(failed.err(), Some(EBUSY));
        // Neither of the first two is still there.
        drop(Registered::new([
            create_phy_driver::<Plain>(),
            create_phy_driver::<Chooser>(),
        ])?);
        Ok(())
    }

    #[test]
    fn no_drivers_can_t_be_registered() {
        assert_eq!(Registered::new([]).err(), Some(EINVAL));
    }
}
