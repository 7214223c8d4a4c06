// SPDX-License-Identifier: GPL-2.0

use super::Registration;
use crate::{device::Device, prelude::*, sync::aref::ARef};

#[crate::macros::kunit_tests(rust_faux)]
mod cases {
    use super::*;

    #[test]
    fn a_device_has_its_name() -> Result {
        let device = Registration::new(c"rust_faux_named", None)?;
        assert_eq!(device.as_ref().name(), c"rust_faux_named");
        Ok(())
    }

    #[test]
    fn a_name_is_taken_until_the_device_is_gone() -> Result {
        let first = Registration::new(c"rust_faux_twice", None)?;
        assert_eq!(
            Registration::new(c"rust_faux_twice", None).err(),
            Some(ENODEV)
        );
        drop(first);
        Registration::new(c"rust_faux_twice", None).map(drop)
    }

    #[test]
    fn a_device_hangs_on_its_parent() -> Result {
        let parent = Registration::new(c"rust_faux_parent", None)?;
        let child = Registration::new(c"rust_faux_child", Some(parent.as_ref()))?;
        // SAFETY: The child is in the system, and nobody moves it.
        let above = unsafe { child.as_ref().parent() };
        assert!(above.is_some_and(|above| core::ptr::eq(above, parent.as_ref())));
        // The other way round C would complain of children that are left.
        drop(child);
        drop(parent);
        Ok(())
    }

    #[test]
    fn the_structure_stays_for_who_counts_it() -> Result {
        let device = Registration::new(c"rust_faux_kept", None)?;
        let kept: ARef<Device> = device.as_ref().into();
        drop(device);
        assert_eq!(kept.name(), c"rust_faux_kept");
        // The name is free: the device is no longer in the system.
        Registration::new(c"rust_faux_kept", None).map(drop)
    }

    #[test]
    fn a_thousand_devices_come_and_go() -> Result {
        for _ in 0..1000 {
            let device = Registration::new(c"rust_faux_many", None)?;
            assert_eq!(device.as_ref().name(), c"rust_faux_many");
        }
        Ok(())
    }
}
