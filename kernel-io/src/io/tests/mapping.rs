// SPDX-License-Identifier: GPL-2.0

//! What holds of mappings of a device's memory.

use super::reserving::Root;
use crate::{
    device::{testing::RootDevice, Bound, Device},
    io::{
        mem::IoRequest,
        resource::{Flags, Resource},
        Io, PhysAddr, ResourceSize,
    },
    prelude::*,
    str::CString,
};

/// Where PCs have their TPM, and virtual ones nothing: reads give all ones.
const FREE: PhysAddr = 0xfed4_0000;

/// A device, said to be bound: no driver is ever unbound from it.
struct Owner(RootDevice);

impl Owner {
    fn new(name: &CStr) -> Result<Self> {
        Ok(Self(RootDevice::new(name)?))
    }

    fn bound(&self) -> &Device<Bound> {
        // SAFETY: It has no driver, and so nothing that ends when one is unbound.
        unsafe { self.0.as_bound() }
    }

    fn request<'a>(&'a self, resource: &'a Resource) -> IoRequest<'a> {
        // SAFETY: The ranges in these tests are not in the kernel's memory.
        unsafe { IoRequest::new(self.bound(), resource) }
    }
}

/// Returns whether nobody has reserved the range.
fn is_free(start: PhysAddr, size: ResourceSize) -> Result<bool> {
    let name = CString::try_from(c"rust_io_mem")?;
    let flags = Flags::IORESOURCE_MEM;
    Ok(Resource::all_memory()
        .request_region(start, size, name, flags)
        .is_some())
}

#[crate::macros::kunit_tests(rust_io_mem)]
mod cases {
    use super::*;

    const MEM: Flags = Flags::IORESOURCE_MEM;

    #[test]
    fn what_is_no_memory_or_too_small_is_not_mapped() -> Result {
        let owner = Owner::new(c"rust_io_mem_wrong")?;

        let ports = Root::new(0x3f8, 0x3ff, Flags::IORESOURCE_IO)?;
        assert_eq!(owner.request(&ports).iomap().err(), Some(EINVAL));
        let ports = owner.request(&ports).iomap_exclusive();
        assert_eq!(ports.err(), Some(EINVAL));

        let empty = Root::new(FREE, FREE - 1, MEM)?;
        assert_eq!(owner.request(&empty).iomap().err(), Some(EINVAL));
        let everything = Root::new(0, PhysAddr::MAX, MEM)?;
        assert_eq!(owner.request(&everything).iomap().err(), Some(EINVAL));

        let small = Root::new(FREE, FREE + 0xff, MEM)?;
        let sized = owner.request(&small).iomap_sized::<0x101>();
        assert_eq!(sized.err(), Some(EINVAL));
        let sized = owner.request(&small).iomap_exclusive_sized::<0x101>();
        assert_eq!(sized.err(), Some(EINVAL));
        Ok(())
    }

    #[test]
    #[cfg(not(CONFIG_HAS_IOMEM))]
    fn nothing_can_be_mapped_without_device_memory_and_nothing_stays_reserved() -> Result {
        let owner = Owner::new(c"rust_io_mem_none")?;
        let resource = Root::new(FREE, FREE + 0xff, MEM)?;
        assert_eq!(owner.request(&resource).iomap().err(), Some(ENOMEM));
        let exclusive = owner.request(&resource).iomap_exclusive();
        assert_eq!(exclusive.err(), Some(ENOMEM));
        assert!(is_free(FREE, 0x100)?);
        Ok(())
    }

    #[test]
    #[cfg(CONFIG_X86_64)]
    fn memory_is_mapped_as_often_as_wanted() -> Result {
        // The ROM that PCs boot from, and keep.
        const START: PhysAddr = 0xf_0000;
        let owner = Owner::new(c"rust_io_mem_rom")?;
        let rom = Root::new(START, START + 0xffff, MEM)?;
        let first = owner.request(&rom).iomap_sized::<0x1_0000>()?;
        let second = owner.request(&rom).iomap()?;
        assert_eq!(first.maxsize(), 0x1_0000);
        assert_eq!(second.maxsize(), 0x1_0000);
        assert!(first.addr() != second.addr());
        for offset in (0..0x1_0000).step_by(64) {
            assert_eq!(first.try_read32(offset)?, second.try_read32(offset)?);
        }
        // The CPU begins here, so there is something.
        assert!(first.read64(0xfff0) != 0);
        assert_eq!(second.try_read8(0x1_0000), Err(EINVAL));
        drop(first);
        assert!(second.try_read64(0xfff0)? != 0);

        // The kernel has reserved it, for nobody.
        let exclusive = owner.request(&rom).iomap_exclusive();
        assert_eq!(exclusive.err(), Some(EBUSY));
        Ok(())
    }

    #[test]
    #[cfg(CONFIG_X86_64)]
    fn exclusive_memory_has_one_owner_at_a_time() -> Result {
        if !is_free(FREE, 0x100)? {
            pr_info!("{FREE:#x} is in use on this machine: nothing to test with\n");
            return Ok(());
        }
        let owner = Owner::new(c"rust_io_mem_exclusive")?;
        let resource = Root::new(FREE, FREE + 0xff, MEM)?;
        for _ in 0..2 {
            let exclusive = owner.request(&resource).iomap_exclusive_sized::<0x100>()?;
            assert_eq!(exclusive.maxsize(), 0x100);
            assert!(!is_free(FREE + 0xff, 1)?);
            let again = owner.request(&resource).iomap_exclusive();
            assert_eq!(again.err(), Some(EBUSY));
            // Those who don't ask are not kept out.
            let shared = owner.request(&resource).iomap()?;
            assert_eq!(shared.try_read32(0xfc)?, exclusive.read32(0xfc));
            drop(exclusive);
            assert!(is_free(FREE, 0x100)?);
        }
        Ok(())
    }
}
