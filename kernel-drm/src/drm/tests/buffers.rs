// SPDX-License-Identifier: GPL-2.0

use super::*;
use crate::{
    drm::gem::{BaseObject, IntoGEMObject},
    page::PAGE_SIZE,
};

type Buffer = gem::Object<LampBuffer>;

#[crate::macros::kunit_tests(rust_drm_gem)]
mod cases {
    use super::*;

    #[test]
    fn sizes_are_whole_pages() -> Result {
        let faux = faux::Registration::new(c"rust_drm_sizes", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        for pages in [1, 2, 5] {
            let buffer = Buffer::new(&drm, pages * PAGE_SIZE, Ok(1))?;
            assert_eq!(buffer.size(), pages * PAGE_SIZE);
        }
        for size in [0, 1, PAGE_SIZE - 1, PAGE_SIZE + 1, usize::MAX] {
            assert_eq!(Buffer::new(&drm, size, Ok(1)).err(), Some(EINVAL));
        }
        // The last of these is refused by C, when the driver's part is there already.
        assert_eq!(log.buffers.load(Relaxed), 3);
        assert!(Buffer::new(&drm, usize::MAX - PAGE_SIZE + 1, Ok(1)).is_err());
        assert_eq!(log.buffers.load(Relaxed), 4);
        Ok(())
    }

    #[test]
    fn the_last_reference_drops_the_drivers_part_once() -> Result {
        let faux = faux::Registration::new(c"rust_drm_buffer", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        let buffer = Buffer::new(&drm, PAGE_SIZE, Ok(8))?;
        assert_eq!(buffer.number, 8);
        assert!(core::ptr::eq(buffer.dev(), &*drm));
        let other = buffer.clone();
        drop(buffer);
        assert_eq!(log.buffers.load(Relaxed), 0);
        drop(other);
        assert_eq!(log.buffers.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_buffer_keeps_its_device() -> Result {
        let faux = faux::Registration::new(c"rust_drm_keeps", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        let buffer = Buffer::new(&drm, PAGE_SIZE, Ok(8))?;
        drop(drm);
        drop(faux);
        assert_eq!(log.data.load(Relaxed), 0);
        assert!(Arc::ptr_eq(&buffer.dev().log, &log));
        drop(buffer);
        assert_eq!(log.buffers.load(Relaxed), 1);
        assert_eq!(log.data.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn handles_are_for_devices_that_are_there() -> Result {
        let faux = faux::Registration::new(c"rust_drm_handle", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        let file = FakeFile::open(&drm)?;
        let buffer = Buffer::new(&drm, PAGE_SIZE, Ok(8))?;
        let obj = buffer.as_raw();
        // SAFETY: The buffer has its table.
        let funcs = unsafe { (*obj).funcs };
        // SAFETY: The table is static.
        let open = unsafe { (*funcs).open }.ok_or(ENOTTY)?;
        // SAFETY: Both are valid, and of one device.
        assert_eq!(unsafe { open(obj, file.file.get()) }, 0);
        assert_eq!(log.handles.load(Relaxed), 1);
        drop(faux);
        // As C's own ioctls do that have begun before.
        // SAFETY: As above.
        assert_eq!(unsafe { open(obj, file.file.get()) }, ENODEV.to_errno());
        assert_eq!(log.handles.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_buffer_that_fails_keeps_nothing() -> Result {
        let faux = faux::Registration::new(c"rust_drm_fails", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        assert_eq!(Buffer::new(&drm, PAGE_SIZE, Err(EDOM)).err(), Some(EDOM));
        assert_eq!(log.buffers.load(Relaxed), 0);
        drop(drm);
        drop(faux);
        assert_eq!(log.data.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn there_are_buffers_before_registration() -> Result {
        let faux = faux::Registration::new(c"rust_drm_early", None)?;
        let log = log()?;
        let drm = UnregisteredDevice::<Lamp>::new(faux.as_ref(), data(&log))?;
        let buffer = gem::Object::<LampBuffer, _>::new(&drm, PAGE_SIZE, Ok(1))?;
        drop(drm);
        assert_eq!(log.data.load(Relaxed), 0);
        drop(buffer);
        assert_eq!(log.data.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn each_buffer_has_an_offset_of_its_own() -> Result {
        let faux = faux::Registration::new(c"rust_drm_offsets", None)?;
        let drm = registered(&faux, &log()?)?;
        let first = Buffer::new(&drm, PAGE_SIZE, Ok(1))?;
        let second = Buffer::new(&drm, PAGE_SIZE, Ok(2))?;
        let offset = first.create_mmap_offset()?;
        assert_ne!(offset, 0);
        assert_eq!(first.create_mmap_offset()?, offset);
        assert_ne!(second.create_mmap_offset()?, offset);
        Ok(())
    }
}

#[cfg(CONFIG_DRM_GEM_SHMEM_HELPER = "y")]
#[crate::macros::kunit_tests(rust_drm_gem_shmem)]
mod shmem_cases {
    use super::*;
    use crate::drm::gem::shmem::{Object, ObjectConfig};

    type Shared = Object<LampBuffer>;

    fn with_parent(parent: &Shared) -> ObjectConfig<'_, LampBuffer> {
        ObjectConfig {
            map_wc: true,
            parent_resv_obj: Some(parent),
        }
    }

    #[test]
    fn sizes_are_rounded_up() -> Result {
        let faux = faux::Registration::new(c"rust_drm_shmem_sizes", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        for (size, pages) in [(1, 1), (PAGE_SIZE, 1), (PAGE_SIZE + 1, 2)] {
            let buffer = Shared::new(&drm, size, ObjectConfig::default(), Ok(1))?;
            assert_eq!(buffer.size(), pages * PAGE_SIZE);
        }
        for size in [0, usize::MAX] {
            let buffer = Shared::new(&drm, size, ObjectConfig::default(), Ok(1));
            assert_eq!(buffer.err(), Some(EINVAL));
        }
        assert_eq!(log.buffers.load(Relaxed), 3);
        Ok(())
    }

    #[test]
    fn a_buffer_keeps_its_device() -> Result {
        let faux = faux::Registration::new(c"rust_drm_shmem_keeps", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        let buffer = Shared::new(&drm, PAGE_SIZE, ObjectConfig::default(), Ok(9))?;
        drop(drm);
        drop(faux);
        assert_eq!(buffer.number, 9);
        assert!(Arc::ptr_eq(&buffer.dev().log, &log));
        assert_ne!(buffer.create_mmap_offset()?, 0);
        drop(buffer);
        assert_eq!(log.buffers.load(Relaxed), 1);
        assert_eq!(log.data.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn whose_reservation_is_shared_stays() -> Result {
        let faux = faux::Registration::new(c"rust_drm_shmem_parent", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        let parent = Shared::new(&drm, PAGE_SIZE, ObjectConfig::default(), Ok(1))?;
        let child = Shared::new(&drm, PAGE_SIZE, with_parent(&parent), Ok(2))?;
        let grandchild = Shared::new(&drm, PAGE_SIZE, with_parent(&child), Ok(3))?;
        // SAFETY: The buffers are valid, and the field does not change.
        let resv = unsafe { (*parent.as_raw()).resv };
        // SAFETY: As above.
        assert_eq!(unsafe { (*child.as_raw()).resv }, resv);
        // SAFETY: As above.
        assert_eq!(unsafe { (*grandchild.as_raw()).resv }, resv);
        drop(parent);
        assert_eq!(log.buffers.load(Relaxed), 0);
        // The one between them has nothing that the last one needs.
        drop(child);
        assert_eq!(log.buffers.load(Relaxed), 1);
        drop(grandchild);
        assert_eq!(log.buffers.load(Relaxed), 3);
        Ok(())
    }

    #[test]
    fn a_buffer_that_fails_keeps_nothing() -> Result {
        let faux = faux::Registration::new(c"rust_drm_shmem_fails", None)?;
        let log = log()?;
        let drm = registered(&faux, &log)?;
        let parent = Shared::new(&drm, PAGE_SIZE, ObjectConfig::default(), Ok(1))?;
        let failed = Shared::new(&drm, PAGE_SIZE, with_parent(&parent), Err(EDOM));
        assert_eq!(failed.err(), Some(EDOM));
        drop(parent);
        assert_eq!(log.buffers.load(Relaxed), 1);
        drop(drm);
        drop(faux);
        assert_eq!(log.data.load(Relaxed), 1);
        Ok(())
    }
}
