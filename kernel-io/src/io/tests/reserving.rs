// SPDX-License-Identifier: GPL-2.0

//! What holds of resources, in a tree of their own.

use crate::{
    bindings,
    io::{
        resource::{Flags, Region, Resource},
        PhysAddr, ResourceSize,
    },
    kthread::Thread,
    prelude::*,
    str::CString,
    sync::{
        atomic::{Acquire, Atomic, Release},
        Arc,
    },
    time::{delay::fsleep, Delta},
};
use core::{cell::UnsafeCell, ops::Deref};

/// The root of a tree.
pub(super) struct Root(KBox<UnsafeCell<bindings::resource>>);

// SAFETY: Its pointers are null, or to what C has a lock for.
unsafe impl Send for Root {}

// SAFETY: Shared, it is nothing but a `Resource`, which is `Sync`.
unsafe impl Sync for Root {}

impl Root {
    pub(super) fn new(start: PhysAddr, end: PhysAddr, flags: Flags) -> Result<Self> {
        let resource = bindings::resource {
            start,
            end,
            flags: flags.0,
            ..Default::default()
        };
        Ok(Self(KBox::new(UnsafeCell::new(resource), GFP_KERNEL)?))
    }

    fn rename(&mut self, name: &'static CStr) {
        self.0.get_mut().name = name.as_char_ptr();
    }
}

impl Deref for Root {
    type Target = Resource;

    fn deref(&self) -> &Resource {
        // SAFETY: It is initialised, and stays as it is while it is borrowed. The name is null or static.
        unsafe { Resource::from_raw(self.0.get()) }
    }
}

fn request(parent: &Resource, start: PhysAddr, size: ResourceSize) -> Option<Region<'_>> {
    let name = CString::try_from(c"a part").ok()?;
    parent.request_region(start, size, name, Flags::IORESOURCE_MEM)
}

#[crate::macros::kunit_tests(rust_io_resource)]
mod cases {
    use super::*;

    const MEM: Flags = Flags::IORESOURCE_MEM;

    #[test]
    fn a_resource_says_what_c_has_in_it() -> Result {
        let mut root = Root::new(0x1000, 0x1fff, MEM | Flags::IORESOURCE_MEM_NONPOSTED)?;
        assert_eq!((root.start(), root.size()), (0x1000, 0x1000));
        assert!(root.flags() == MEM | Flags::IORESOURCE_MEM_NONPOSTED);
        assert!(root.is_memory());
        assert!(root.name().is_none());
        root.rename(c"registers");
        assert_eq!(root.name(), Some(c"registers"));
        Ok(())
    }

    #[test]
    fn sizes_at_the_limits() -> Result {
        // As C has one that is empty: the end is before the start.
        assert_eq!(Root::new(0x1000, 0xfff, MEM)?.size(), 0);
        assert_eq!(Root::new(0, PhysAddr::MAX, MEM)?.size(), 0);
        assert_eq!(Root::new(1, PhysAddr::MAX, MEM)?.size(), PhysAddr::MAX);
        assert_eq!(Root::new(0x1000, 0x1000, MEM)?.size(), 1);
        Ok(())
    }

    #[test]
    fn only_memory_is_memory() -> Result {
        assert!(!Root::new(0, 7, Flags::IORESOURCE_IO)?.is_memory());
        // Register offsets have both bits.
        assert!(!Root::new(0, 7, MEM | Flags::IORESOURCE_IO)?.is_memory());
        assert!(!Root::new(0, 7, MEM & !MEM)?.is_memory());
        assert!(Root::new(0, 7, MEM | Flags::IORESOURCE_MUXED)?.is_memory());
        Ok(())
    }

    #[test]
    fn flags_are_sets() {
        let both = MEM | Flags::IORESOURCE_MUXED;
        assert!(both.contains(MEM));
        assert!(both.contains(Flags::IORESOURCE_MUXED));
        assert!(both.contains(both));
        assert!(!MEM.contains(both));
        assert!(MEM.contains(MEM & Flags::IORESOURCE_MUXED));
        assert!(both & !MEM == Flags::IORESOURCE_MUXED);
        assert!(!!both == both);
    }

    #[test]
    fn nobody_else_has_what_is_reserved() -> Result {
        let root = Root::new(0x1000, 0x1fff, MEM)?;
        let region = request(&root, 0x1100, 0x100).ok_or(EBUSY)?;
        assert_eq!((region.start(), region.size()), (0x1100, 0x100));
        assert_eq!(region.name(), Some(c"a part"));
        assert!(region.is_memory());
        // All that overlaps, by a single byte, too.
        for (start, size) in [
            (0x1100, 0x100),
            (0x1000, 0x101),
            (0x11ff, 1),
            (0x1180, 4),
            (0x1000, 0x1000),
        ] {
            assert!(request(&root, start, size).is_none());
        }
        // What is next to it.
        let before = request(&root, 0x10ff, 1).ok_or(EBUSY)?;
        let after = request(&root, 0x1200, 0xe00).ok_or(EBUSY)?;
        assert_eq!((before.start(), after.start()), (0x10ff, 0x1200));
        Ok(())
    }

    #[test]
    fn what_is_dropped_is_free_again() -> Result {
        let root = Root::new(0x1000, 0x1fff, MEM)?;
        for _ in 0..3 {
            let whole = request(&root, 0x1000, 0x1000).ok_or(EBUSY)?;
            assert!(request(&root, 0x1000, 1).is_none());
            drop(whole);
            let first = request(&root, 0x1000, 0x800).ok_or(EBUSY)?;
            let second = request(&root, 0x1800, 0x800).ok_or(EBUSY)?;
            drop(first);
            assert!(request(&root, 0x1000, 0x801).is_none());
            assert_eq!(second.start(), 0x1800);
        }
        // Nothing is left in the tree.
        // SAFETY: It is initialised, and nothing changes it at this time.
        assert!(unsafe { (*root.0.get()).child }.is_null());
        Ok(())
    }

    #[test]
    fn what_is_not_in_the_range_cannot_be_reserved() -> Result {
        let root = Root::new(0x1000, 0x1fff, MEM)?;
        for (start, size) in [
            (0x1000, 0),
            (0x1fff, 0),
            (0xfff, 1),
            (0xfff, 2),
            (0x2000, 1),
            (0x1fff, 2),
            (0, 0x10_0000),
            (0x1000, ResourceSize::MAX),
            (PhysAddr::MAX, 1),
            (PhysAddr::MAX, 2),
            (0x1800, ResourceSize::MAX - 0x17ff),
        ] {
            assert!(request(&root, start, size).is_none());
        }
        // Nor anything in an empty one.
        let empty = Root::new(0x1000, 0xfff, MEM)?;
        assert!(request(&empty, 0x1000, 1).is_none());
        assert!(request(&empty, 0xfff, 1).is_none());
        // With the last address there is.
        let all = Root::new(0, PhysAddr::MAX, MEM)?;
        assert!(request(&all, PhysAddr::MAX, 1).is_some());
        Ok(())
    }

    #[test]
    fn who_has_a_region_can_reserve_parts_of_it() -> Result {
        let root = Root::new(0x1000, 0x1fff, MEM)?;
        let region = request(&root, 0x1000, 0x800).ok_or(EBUSY)?;
        let part = request(&region, 0x1000, 0x800).ok_or(EBUSY)?;
        assert!(request(&region, 0x1000, 1).is_none());
        assert!(request(&part, 0x17ff, 1).is_some());
        drop(part);
        assert!(request(&region, 0x1400, 1).is_some());
        assert!(request(&region, 0x1800, 1).is_none());
        drop(region);
        assert!(request(&root, 0x1000, 0x1000).is_some());
        Ok(())
    }

    #[test]
    fn those_who_share_a_region_wait_for_each_other() -> Result {
        fn share(root: &Resource, start: PhysAddr) -> Option<Region<'_>> {
            let name = CString::try_from(c"shared").ok()?;
            root.request_region(start, 16, name, Flags::IORESOURCE_MUXED)
        }

        const ASKED: u32 = 1;
        const HAD_IT: u32 = 2;
        const HAD_NOTHING: u32 = 3;

        let root = Arc::new(Root::new(0, 0xff, MEM)?, GFP_KERNEL)?;
        let state = Arc::new(Atomic::new(0_u32), GFP_KERNEL)?;
        let ours = share(&root, 0).ok_or(EBUSY)?;
        // Only for those who ask for it.
        assert!(request(&root, 0, 16).is_none());

        let thread = {
            let (root, state) = (root.clone(), state.clone());
            Thread::spawn(c"rust_io_muxed", move |_| {
                state.store(ASKED, Release);
                let had = share(&root, 0).is_some();
                state.store(if had { HAD_IT } else { HAD_NOTHING }, Release);
                Ok(())
            })?
        };
        fsleep(Delta::from_millis(20));
        assert_eq!(state.load(Acquire), ASKED);

        drop(ours);
        while state.load(Acquire) == ASKED {
            // Wakes those who wait, should one have been about to fall asleep.
            drop(share(&root, 0x80));
            fsleep(Delta::from_millis(1));
        }
        assert_eq!(state.load(Acquire), HAD_IT);
        thread.stop()
    }

    #[test]
    fn regions_may_be_released_in_any_order() -> Result {
        let root = Root::new(0, 0xff, MEM)?;
        let mut regions = KVec::new();
        for i in 0..16 {
            regions.push(request(&root, i * 16, 16).ok_or(EBUSY)?, GFP_KERNEL)?;
        }
        for i in [7, 0, 13, 5, 5, 0, 9, 3, 2, 2, 1, 4, 3, 0, 1, 0] {
            let Ok(region) = regions.remove(i) else {
                return Err(EINVAL);
            };
            let start = region.start();
            drop(region);
            assert!(request(&root, start, 16).is_some());
        }
        assert!(request(&root, 0, 0x100).is_some());
        Ok(())
    }
}
