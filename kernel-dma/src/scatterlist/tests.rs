// SPDX-License-Identifier: GPL-2.0

//! Tests of tables: what is in them, and what can't be.

use super::*;
use crate::{
    device::testing::RootDevice,
    dma::{testing::*, Device as _},
    page::PAGE_SIZE,
    sync::atomic::{Atomic, Relaxed},
};

/// How many [`Counted`] there are.
static ALIVE: Atomic<i32> = Atomic::new(0);

/// Pages that are counted.
struct Counted(VVec<u8>);

impl Counted {
    fn new(pages: usize) -> Result<Self> {
        let pages = VVec::with_capacity(pages * PAGE_SIZE, GFP_KERNEL)?;
        ALIVE.add(1, Relaxed);
        Ok(Self(pages))
    }
}

impl AsPageIter for Counted {
    type Iter<'a> = VmallocPageIter<'a>;

    fn page_iter(&mut self) -> VmallocPageIter<'_> {
        self.0.page_iter()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.add(-1, Relaxed);
    }
}

fn map<P>(dev: &Device<Bound>, pages: P, dir: DataDirection) -> Result<Pin<KBox<SGTable<Owned<P>>>>>
where
    for<'a> P: AsPageIter<Iter<'a> = VmallocPageIter<'a>> + 'static,
{
    KBox::pin_init(SGTable::new(dev, pages, dir, GFP_KERNEL), GFP_KERNEL)
}

fn bytes(table: &SGTable) -> u64 {
    table.iter().map(|entry| entry.dma_len() as u64).sum()
}

#[crate::macros::kunit_tests(rust_scatterlist)]
mod cases {
    use super::*;

    #[test]
    fn all_pages_are_mapped_in_every_direction() -> Result {
        let dev = DmaDevice::new(c"rust_sg_map")?;
        let dev = dev.bound();
        if !available() {
            let table = map(dev, Counted::new(3)?, DataDirection::ToDevice);
            assert_eq!(table.err(), Some(EIO));
            assert_eq!(ALIVE.load(Relaxed), 0);
            return Ok(());
        }
        for dir in [
            DataDirection::ToDevice,
            DataDirection::FromDevice,
            DataDirection::Bidirectional,
        ] {
            for pages in [1, 2, 33, 200] {
                let table = map(dev, Counted::new(pages)?, dir)?;
                assert_eq!(ALIVE.load(Relaxed), 1);
                assert_eq!(bytes(&table), (pages * PAGE_SIZE) as u64);
                for entry in table.iter() {
                    assert_ne!(entry.dma_len(), 0);
                    assert_eq!(entry.dma_address() as usize % PAGE_SIZE, 0);
                }
                drop(table);
                assert_eq!(ALIVE.load(Relaxed), 0);
            }
        }
        Ok(())
    }

    #[test]
    fn the_iterator_knows_how_many_there_are() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_sg_count")?;
        // SAFETY: Nobody else uses the device.
        unsafe { dev.core().dma_set_max_seg_size(PAGE_SIZE as u32) };
        let table = map(dev.bound(), Counted::new(10)?, DataDirection::ToDevice)?;
        let mut iter = table.iter();
        for left in (1..=10).rev() {
            assert_eq!(iter.size_hint(), (left, Some(left)));
            let entry = iter.next().ok_or(ENOENT)?;
            assert_eq!(entry.dma_len() as usize, PAGE_SIZE);
        }
        assert_eq!(iter.size_hint(), (0, Some(0)));
        assert!(iter.next().is_none());
        assert!(iter.next().is_none());
        Ok(())
    }

    #[test]
    fn no_piece_is_longer_than_the_device_allows() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_sg_limit")?;
        for limit in [PAGE_SIZE, 3 * PAGE_SIZE, 3 * PAGE_SIZE + 1] {
            // SAFETY: Nobody else uses the device.
            unsafe { dev.core().dma_set_max_seg_size(limit as u32) };
            let table = map(dev.bound(), Counted::new(64)?, DataDirection::ToDevice)?;
            assert!(table.iter().all(|entry| entry.dma_len() as usize <= limit));
            assert_eq!(bytes(&table), (64 * PAGE_SIZE) as u64);
        }
        for limit in [0, 1, PAGE_SIZE - 1] {
            // SAFETY: Nobody else uses the device.
            unsafe { dev.core().dma_set_max_seg_size(limit as u32) };
            let table = map(dev.bound(), Counted::new(1)?, DataDirection::ToDevice);
            // Without a limit C has one of its own.
            assert_eq!(table.err(), (limit != 0).then_some(EINVAL));
            assert_eq!(ALIVE.load(Relaxed), 0);
        }
        Ok(())
    }

    #[test]
    fn what_can_not_be_mapped_is_refused_and_freed() -> Result {
        let dev = DmaDevice::new(c"rust_sg_refused")?;
        let dev = dev.bound();
        let none = map(dev, Counted::new(2)?, DataDirection::None);
        assert_eq!(none.err(), Some(EINVAL));
        if available() {
            let empty = map(dev, Counted::new(0)?, DataDirection::ToDevice);
            assert_eq!(empty.err(), Some(EINVAL));
        }

        let root = RootDevice::new(c"rust_sg_root")?;
        // SAFETY: Nothing here relies on the driver, which there is not.
        let root = unsafe { root.as_bound() };
        let table = map(root, Counted::new(2)?, DataDirection::ToDevice);
        assert_eq!(table.err(), Some(EIO));
        assert_eq!(ALIVE.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn a_box_of_pages_is_mapped_as_far_as_it_goes() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_sg_box")?;
        let half = VBox::new([7_u8; PAGE_SIZE + PAGE_SIZE / 2], GFP_KERNEL)?;
        let table = map(dev.bound(), half, DataDirection::ToDevice)?;
        assert_eq!(bytes(&table), (PAGE_SIZE + PAGE_SIZE / 2) as u64);
        Ok(())
    }

    #[test]
    fn a_table_of_c_is_looked_at() -> Result {
        let mut raw = pin_init::zeroed::<bindings::sg_table>();
        // SAFETY: An empty table is one, and nobody writes to it.
        assert_eq!(unsafe { SGTable::from_raw(&mut raw) }.iter().count(), 0);

        let mut table = pin_init::zeroed::<bindings::sg_table>();
        // SAFETY: It is a place for a table.
        crate::error::to_result(unsafe {
            bindings::sg_alloc_table(&mut table, 200, bindings::GFP_KERNEL)
        })?;
        // SAFETY: The table is set up; nobody writes to it, and the addresses are those of no device.
        let view = unsafe { SGTable::from_raw(&mut table) };
        // More than fit a page: some entries only lead on.
        assert_eq!(view.iter().count(), 200);
        // SAFETY: It was allocated above.
        unsafe { bindings::sg_free_table(&mut table) };
        Ok(())
    }
}
