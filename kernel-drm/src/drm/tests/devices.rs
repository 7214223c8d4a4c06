// SPDX-License-Identifier: GPL-2.0

use super::*;
use crate::workqueue;

#[crate::macros::kunit_tests(rust_drm_device)]
mod cases {
    use super::*;

    #[test]
    fn a_device_that_is_not_registered_drops_its_data_once() -> Result {
        let faux = faux::Registration::new(c"rust_drm_unregistered", None)?;
        let log = log()?;
        let drm = UnregisteredDevice::<Lamp>::new(faux.as_ref(), data(&log))?;
        assert!(core::ptr::eq((*drm).as_ref(), faux.as_ref()));
        assert_eq!(log.data.load(Relaxed), 0);
        drop(drm);
        assert_eq!(log.data.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn data_that_fail_are_not_dropped() -> Result {
        let faux = faux::Registration::new(c"rust_drm_failing", None)?;
        let log = log()?;
        let before = log.clone();
        let failing = try_pin_init!(LampData {
            log: before,
            entered <- Completion::new(),
            worked <- Completion::new(),
            // All but the last are there then, and dropped by the initialiser.
            work <- Err(EDOM),
        }? Error);
        let drm = UnregisteredDevice::<Lamp>::new(faux.as_ref(), failing);
        assert_eq!(drm.err(), Some(EDOM));
        assert_eq!(log.data.load(Relaxed), 0);
        // Nobody has kept a count of the log.
        assert!(Arc::into_unique_or_drop(log).is_some());
        Ok(())
    }

    #[test]
    fn the_last_reference_drops_the_data() -> Result {
        let faux = faux::Registration::new(c"rust_drm_last", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        drop(faux);
        assert_eq!(log.data.load(Relaxed), 0);
        let other = drm.clone();
        drop(drm);
        assert_eq!(log.data.load(Relaxed), 0);
        drop(other);
        assert_eq!(log.data.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn unbinding_drops_a_device_that_nobody_keeps() -> Result {
        let faux = faux::Registration::new(c"rust_drm_unkept", None)?;
        let log = log()?;
        drop(registered(&faux, &log)?);
        assert_eq!(log.data.load(Relaxed), 0);
        drop(faux);
        assert_eq!(log.data.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_device_is_registered_with_its_parent_only() -> Result {
        let faux = faux::Registration::new(c"rust_drm_parent", None)?;
        let other = faux::Registration::new(c"rust_drm_stranger", None)?;
        let log = log()?;
        let drm = UnregisteredDevice::<Lamp>::new(faux.as_ref(), data(&log))?;
        let result = Registration::new_foreign_owned(drm, bound(&other), 0);
        assert_eq!(result.err(), Some(EINVAL));
        assert_eq!(log.data.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn c_knows_the_driver() -> Result {
        let faux = faux::Registration::new(c"rust_drm_table", None)?;
        let drm = registered(&faux, &log()?)?;
        // SAFETY: The device is valid.
        let driver = unsafe { (*drm.as_raw()).driver };
        // SAFETY: It is part of the device, and nobody changes it.
        let driver = unsafe { &*driver };
        assert_eq!((driver.major, driver.minor, driver.patchlevel), (3, 2, 1));
        // SAFETY: The name ends with a zero.
        assert_eq!(unsafe { CStr::from_char_ptr(driver.name) }, c"rust-lamp");
        assert_eq!(driver.num_ioctls, 2);
        assert!(driver.release.is_some());
        assert!(driver.dumb_create.is_none());
        assert!(driver.gem_prime_import_sg_table.is_none());
        // These tests are part of the kernel.
        // SAFETY: They are there for ever.
        assert!(unsafe { (*driver.fops).owner }.is_null());
        // SAFETY: The device is valid.
        assert!(!unsafe { (*drm.as_raw()).render }.is_null());
        Ok(())
    }

    #[test]
    fn a_device_has_work() -> Result {
        let faux = faux::Registration::new(c"rust_drm_work", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        assert!(workqueue::system().enqueue(drm.clone()).is_ok());
        drm.worked.wait_for_completion();
        Ok(())
    }
}
