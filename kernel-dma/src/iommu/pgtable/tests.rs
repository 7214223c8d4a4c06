// SPDX-License-Identifier: GPL-2.0

//! Tests of page tables: what is mapped, what C is told of, and what is refused.

use super::*;
use crate::{
    device::testing::RootDevice,
    dma::testing::DmaDevice,
    sizes::{SZ_16K, SZ_2M, SZ_4K, SZ_8K},
    sync::atomic::{Atomic, Relaxed},
};

type Table = IoPageTable<ARM64LPAES1>;

/// `IO_PGTABLE_QUIRK_NO_WARN`, which bindgen does not see.
const QUIRK_NO_WARN: usize = 1 << 9;

const PADDR: PhysAddr = 0x12_3440_0000;
const IOVA: usize = 0x4000_0000;

fn config() -> Config {
    Config {
        quirks: QUIRK_NO_WARN,
        pgsize_bitmap: SZ_4K | SZ_2M,
        ias: 40,
        oas: 40,
        coherent_walk: true,
    }
}

impl Table {
    fn map(&self, iova: usize, paddr: PhysAddr, size: usize, count: usize) -> (usize, Result) {
        // SAFETY: Only the test has the table, and no hardware walks it.
        unsafe {
            self.map_pages(
                iova,
                paddr,
                size,
                count,
                prot::READ | prot::WRITE,
                GFP_KERNEL,
            )
        }
    }

    fn unmap(&self, iova: usize, size: usize, count: usize) -> usize {
        // SAFETY: As above.
        unsafe { self.unmap_pages(iova, size, count) }
    }

    /// What the address is translated to; C says 0 where there is nothing.
    fn translate(&self, iova: usize) -> PhysAddr {
        // SAFETY: The structure exists while `self` does.
        let translate = unsafe { (*self.raw_ops()).iova_to_phys };
        // SAFETY: The table is valid, and nobody changes it meanwhile.
        translate.map_or(0, |translate| unsafe { translate(self.raw_ops(), iova) })
    }
}

/// How often C has called each of [`COUNTING`].
static ALL: Atomic<i32> = Atomic::new(0);
static WALK: Atomic<usize> = Atomic::new(0);

static COUNTING: bindings::iommu_flush_ops = bindings::iommu_flush_ops {
    tlb_flush_all: Some(count_all),
    tlb_flush_walk: Some(count_walk),
    tlb_add_page: None,
};

extern "C" fn count_all(cookie: *mut c_void) {
    assert!(core::ptr::eq(cookie, (&raw const ALL).cast()));
    ALL.add(1, Relaxed);
}

extern "C" fn count_walk(iova: usize, size: usize, granule: usize, _cookie: *mut c_void) {
    assert_eq!((iova, granule), (IOVA, SZ_4K));
    WALK.add(size, Relaxed);
}

#[crate::macros::kunit_tests(rust_iommu_pgtable)]
mod cases {
    use super::*;

    #[test]
    fn what_is_mapped_is_translated_until_it_is_unmapped() -> Result {
        let dev = DmaDevice::new(c"rust_pgtable_map")?;
        // SAFETY: It is dropped before the device is.
        let table = unsafe { Table::new_raw(dev.bound(), config()) }?;
        assert_eq!(table.translate(IOVA), 0);

        assert_eq!(table.map(IOVA, PADDR, SZ_4K, 5), (5 * SZ_4K, Ok(())));
        for page in 0..5 {
            let offset = page * SZ_4K + 0x123;
            assert_eq!(table.translate(IOVA + offset), PADDR + offset as PhysAddr);
        }
        assert_eq!(table.translate(IOVA + 5 * SZ_4K), 0);
        assert_eq!(table.translate(IOVA - 1), 0);

        // From the middle.
        assert_eq!(table.unmap(IOVA + SZ_4K, SZ_4K, 2), 2 * SZ_4K);
        assert_eq!(table.translate(IOVA), PADDR);
        assert_eq!(table.translate(IOVA + SZ_4K), 0);
        assert_eq!(table.translate(IOVA + 2 * SZ_4K), 0);
        assert_eq!(
            table.translate(IOVA + 3 * SZ_4K),
            PADDR + 3 * SZ_4K as PhysAddr
        );

        // Nothing is mapped there, so it can be again.
        assert_eq!(table.map(IOVA + SZ_4K, PADDR, SZ_4K, 1), (SZ_4K, Ok(())));
        assert_eq!(table.translate(IOVA + SZ_4K), PADDR);
        Ok(())
    }

    #[test]
    fn large_pages_and_small_ones_go_together() -> Result {
        let dev = DmaDevice::new(c"rust_pgtable_large")?;
        // SAFETY: It is dropped before the device is.
        let table = unsafe { Table::new_raw(dev.bound(), config()) }?;
        assert_eq!(table.map(IOVA, PADDR, SZ_2M, 2), (2 * SZ_2M, Ok(())));
        let next = IOVA + 2 * SZ_2M;
        assert_eq!(table.map(next, 0x1000, SZ_4K, 1), (SZ_4K, Ok(())));
        assert_eq!(
            table.translate(IOVA + SZ_2M + 0x1234),
            PADDR + (SZ_2M + 0x1234) as PhysAddr
        );
        assert_eq!(table.translate(next), 0x1000);
        assert_eq!(table.unmap(IOVA, SZ_2M, 2), 2 * SZ_2M);
        assert_eq!(table.translate(IOVA), 0);
        assert_eq!(table.translate(next), 0x1000);
        Ok(())
    }

    #[test]
    fn a_call_stops_at_the_end_of_a_table() -> Result {
        let dev = DmaDevice::new(c"rust_pgtable_end")?;
        // SAFETY: It is dropped before the device is.
        let table = unsafe { Table::new_raw(dev.bound(), config()) }?;
        let start = IOVA + SZ_2M - 3 * SZ_4K;
        for count in [10, c_int::MAX as usize + 1, usize::MAX] {
            assert_eq!(table.map(start, PADDR, SZ_4K, count), (3 * SZ_4K, Ok(())));
            assert_eq!(table.unmap(start, SZ_4K, count), 3 * SZ_4K);
        }
        assert_eq!(table.map(start, PADDR, SZ_4K, 0), (0, Ok(())));
        assert_eq!(table.unmap(start, SZ_4K, 0), 0);
        Ok(())
    }

    #[test]
    fn an_overlap_is_refused() -> Result {
        let dev = DmaDevice::new(c"rust_pgtable_overlap")?;
        // SAFETY: It is dropped before the device is.
        let table = unsafe { Table::new_raw(dev.bound(), config()) }?;
        assert_eq!(table.map(IOVA + SZ_4K, PADDR, SZ_4K, 1), (SZ_4K, Ok(())));
        for (start, count) in [(IOVA + SZ_4K, 1), (IOVA, 2), (IOVA + SZ_4K, 2)] {
            assert_eq!(table.map(start, 0x1000, SZ_4K, count), (0, Err(EEXIST)));
        }
        assert_eq!(table.translate(IOVA), 0);
        assert_eq!(table.translate(IOVA + SZ_4K), PADDR);

        let large = IOVA + SZ_2M;
        assert_eq!(table.map(large, PADDR, SZ_2M, 1), (SZ_2M, Ok(())));
        assert_eq!(table.map(large + SZ_4K, PADDR, SZ_4K, 1), (0, Err(EEXIST)));
        Ok(())
    }

    #[test]
    fn sizes_and_addresses_that_make_no_sense_are_refused() -> Result {
        let dev = DmaDevice::new(c"rust_pgtable_refused")?;
        // SAFETY: It is dropped before the device is.
        let table = unsafe { Table::new_raw(dev.bound(), config()) }?;
        for size in [0, 1, SZ_8K, SZ_16K, SZ_4K | SZ_2M, SZ_4K + 1, usize::MAX] {
            assert_eq!(table.map(IOVA, PADDR, size, 1), (0, Err(EINVAL)));
            assert_eq!(table.unmap(IOVA, size, 1), 0);
        }
        assert_eq!(table.map(IOVA + 1, PADDR, SZ_4K, 1), (0, Err(EINVAL)));
        assert_eq!(table.map(IOVA, PADDR + 1, SZ_4K, 1), (0, Err(EINVAL)));
        assert_eq!(table.map(IOVA + SZ_4K, PADDR, SZ_2M, 1), (0, Err(EINVAL)));
        for iova in [1 << 40, 1 << 63, usize::MAX & !(SZ_4K - 1)] {
            assert_eq!(table.map(iova, PADDR, SZ_4K, 1), (0, Err(ERANGE)));
            assert_eq!(table.unmap(iova, SZ_4K, 1), 0);
        }
        assert_eq!(table.map(IOVA, 1 << 40, SZ_4K, 1), (0, Err(ERANGE)));
        assert_eq!(table.translate(IOVA), 0);
        // The highest address there is.
        let last = (1 << 40) - SZ_4K;
        assert_eq!(table.map(last, PADDR, SZ_4K, 1), (SZ_4K, Ok(())));

        // SAFETY: Only the test has the table, and no hardware walks it.
        let nothing = unsafe { table.map_pages(IOVA, PADDR, SZ_4K, 1, prot::NOEXEC, GFP_KERNEL) };
        assert_eq!(nothing, (0, Err(EINVAL)));
        // Nothing is mapped there.
        assert_eq!(table.unmap(IOVA, SZ_4K, 1), 0);
        Ok(())
    }

    #[test]
    fn configurations_that_make_no_sense_are_refused() -> Result {
        let dev = DmaDevice::new(c"rust_pgtable_config")?;
        let with = |change: fn(&mut Config)| {
            let mut config = config();
            change(&mut config);
            // SAFETY: It is dropped before the device is.
            unsafe { Table::new_raw(dev.bound(), config) }.err()
        };
        assert_eq!(with(|_| ()), None);
        for change in [
            |c: &mut Config| c.ias = 0,
            |c: &mut Config| c.ias = 16,
            |c: &mut Config| c.ias = 65,
            |c: &mut Config| c.ias = u32::MAX,
            |c: &mut Config| c.oas = 65,
        ] {
            assert_eq!(with(change), Some(EINVAL));
        }
        for change in [
            |c: &mut Config| c.pgsize_bitmap = 0,
            |c: &mut Config| c.pgsize_bitmap = SZ_8K,
            |c: &mut Config| c.oas = 39,
            |c: &mut Config| c.quirks = usize::MAX,
        ] {
            assert_eq!(with(change), Some(ENOMEM));
        }
        assert_eq!(with(|c| c.ias = 17), None);

        // The walk would need what the device does not have.
        let root = RootDevice::new(c"rust_pgtable_root")?;
        // SAFETY: Nothing here relies on the driver, which there is not.
        let root = unsafe { root.as_bound() };
        let incoherent = Config {
            coherent_walk: false,
            ..config()
        };
        // SAFETY: It is dropped before the device is.
        let table = unsafe { Table::new_raw(root, incoherent) };
        assert_eq!(table.err(), Some(EIO));
        Ok(())
    }

    #[test]
    fn c_is_told_what_the_hardware_is_like() -> Result {
        let dev = DmaDevice::new(c"rust_pgtable_cfg")?;
        // SAFETY: It is dropped before the device is.
        let table = unsafe { Table::new_raw(dev.bound(), config()) }?;
        // SAFETY: The structure exists while the table does.
        let cfg = unsafe { &*table.raw_cfg() };
        assert_eq!(
            (cfg.ias, cfg.oas, cfg.pgsize_bitmap),
            (40, 40, SZ_4K | SZ_2M)
        );
        assert!(cfg.coherent_walk);
        assert_eq!(cfg.iommu_dev, dev.bound().as_raw());
        // SAFETY: As above.
        let format = unsafe { (*table.raw_pgtable()).fmt };
        assert_eq!(format, ARM64LPAES1::FORMAT);
        // SAFETY: No hardware is told.
        let start = unsafe { table.ttbr() };
        assert!(start != 0 && start % 64 == 0);
        // The attributes of memory that is not cached, cached, and no memory.
        assert_eq!(table.mair() & 0xff_ffff, 0x04_ff_44);

        // A table for the upper end takes those addresses, and only those.
        let upper = Config {
            quirks: QUIRK_NO_WARN | flush::QUIRK_ARM_TTBR1,
            ..config()
        };
        // SAFETY: It is dropped before the device is.
        let table = unsafe { Table::new_raw(dev.bound(), upper) }?;
        assert_eq!(table.map(IOVA, PADDR, SZ_4K, 1), (0, Err(ERANGE)));
        let high = usize::MAX << 40 | IOVA;
        assert_eq!(table.map(high, PADDR, SZ_4K, 1), (SZ_4K, Ok(())));
        assert_eq!(table.unmap(high, SZ_4K, 1), SZ_4K);
        Ok(())
    }

    #[test]
    fn what_the_hardware_should_forget_is_said() -> Result {
        let dev = DmaDevice::new(c"rust_pgtable_flush")?;
        ALL.store(0, Relaxed);
        WALK.store(0, Relaxed);
        let cookie = (&raw const ALL).cast_mut().cast();
        // SAFETY: The callbacks only count. It is dropped before the device is.
        let table = unsafe { Table::with_flush_ops(dev.bound(), config(), &COUNTING, cookie) }?;
        assert_eq!(table.map(IOVA, PADDR, SZ_4K, 3), (3 * SZ_4K, Ok(())));
        assert_eq!(WALK.load(Relaxed), 0);
        // A table goes as a whole.
        assert_eq!(table.unmap(IOVA, SZ_2M, 1), SZ_2M);
        assert_eq!(WALK.load(Relaxed), SZ_2M);
        assert_eq!(ALL.load(Relaxed), 0);
        drop(table);
        assert_eq!(ALL.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_table_goes_with_the_device() -> Result {
        let dev = DmaDevice::new(c"rust_pgtable_devres")?;
        let table = KBox::pin_init(Table::new(dev.bound(), config()), GFP_KERNEL)?;
        let found = table.access(dev.bound())?;
        assert_eq!(found.map(IOVA, PADDR, SZ_4K, 1), (SZ_4K, Ok(())));
        assert_eq!(found.translate(IOVA), PADDR);
        drop(table);
        Ok(())
    }
}
