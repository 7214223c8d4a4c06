// SPDX-License-Identifier: GPL-2.0

//! Tag sets and disks, those included that there can't be.

use super::{super::operations::shares, *};

fn set_of(queues: u32, tags: u32, maps: u32) -> Result<Arc<TagSet<Memory>>> {
    Arc::pin_init(TagSet::new(queues, tags, maps), GFP_KERNEL)
}

/// Polls, unlike `Memory`.
struct Polling;

#[vtable]
impl Operations for Polling {
    type QueueData = ();

    fn queue_rq((): (), rq: ARef<Request<Self>>, _is_last: bool) -> Result {
        Request::end_ok(rq).map_err(|_| EIO)
    }

    fn commit_rqs((): ()) {}

    fn complete(rq: ARef<Request<Self>>) {
        let _ = Request::end_ok(rq);
    }

    fn poll() -> bool {
        false
    }
}

/// The queues of each map, as C has them.
fn maps<T: Operations>(tags: &TagSet<T>) -> [u32; 3] {
    // SAFETY: The set was allocated, and has three maps in any case.
    let maps = unsafe { (*tags.raw_tag_set()).map };
    [maps[0].nr_queues, maps[1].nr_queues, maps[2].nr_queues]
}

fn limits(disk: &GenDisk<Memory>) -> bindings::queue_limits {
    // SAFETY: The disk is there, and has a queue.
    let queue = unsafe { (*disk.as_raw()).queue };
    // SAFETY: As above, and nobody changes the limits of a disk that has just been made.
    unsafe { (*queue).limits }
}

#[crate::macros::kunit_tests(rust_block_mq_making)]
mod cases {
    use super::*;

    #[test]
    fn tag_sets_that_cannot_be() {
        assert_eq!(set_of(0, 16, 1).err(), Some(EINVAL));
        assert_eq!(set_of(1, 0, 1).err(), Some(EINVAL));
        assert_eq!(set_of(1, 16, 4).err(), Some(EINVAL));
        assert_eq!(set_of((1 << 16) + 1, 16, 1).err(), Some(EINVAL));
        assert_eq!(set_of(u32::MAX, 16, 3).err(), Some(EINVAL));
        assert!(set_of(1, 1, 1).is_ok());
        assert!(set_of(u16::MAX.into(), 16, 1).is_ok());
    }

    #[test]
    fn queues_are_shared_out() {
        assert_eq!(shares(4, 1, true), [4, 0, 0]);
        assert_eq!(shares(5, 2, true), [3, 2, 0]);
        assert_eq!(shares(7, 3, true), [3, 2, 2]);
        assert_eq!(shares(4, 3, false), [2, 2, 0]);
        // All of the others' requests go to the only queue.
        assert_eq!(shares(1, 3, true), [1, 0, 0]);
    }

    #[test]
    fn several_maps() -> Result {
        // C has no map of its own for these, and stops the kernel.
        assert_eq!(maps(&*set_of(4, 16, 3)?), [2, 2, 0]);
        let tags = Arc::pin_init(TagSet::<Polling>::new(6, 16, 3), GFP_KERNEL)?;
        assert_eq!(maps(&*tags), [2, 2, 2]);
        let disk = builder()?.build(fmt!("rust_blk_maps"), tags, ())?;
        drop(disk);
        Ok(())
    }

    #[test]
    fn block_sizes() {
        for size in [512, 1024, 2048, 4096] {
            assert!(GenDiskBuilder::validate_block_size(size).is_ok());
        }
        for size in [
            0,
            1,
            256,
            511,
            513,
            3 * 512,
            2 * crate::page::PAGE_SIZE as u32,
            u32::MAX,
        ] {
            assert_eq!(GenDiskBuilder::validate_block_size(size), Err(EINVAL));
            assert!(GenDiskBuilder::new().logical_block_size(size).is_err());
            assert!(GenDiskBuilder::new().physical_block_size(size).is_err());
        }
    }

    #[test]
    fn limits_that_cannot_be() {
        assert!(GenDiskBuilder::new().max_hw_sectors(7).is_err());
        assert!(GenDiskBuilder::new().max_segment_size(4095).is_err());
        assert!(GenDiskBuilder::new().discard_granularity(0).is_err());
        assert!(GenDiskBuilder::new().discard_granularity(1536).is_err());
        assert!(GenDiskBuilder::new().discard_granularity(256).is_err());
    }

    #[test]
    fn limits_are_as_asked() -> Result {
        let disk = GenDiskBuilder::new()
            .capacity_sectors(SECTORS)
            .logical_block_size(512)?
            .physical_block_size(1024)?
            .rotational(true)
            .write_cache(true)
            .fua(true)
            .max_hw_sectors(64)?
            .max_segments(3)
            .max_segment_size(8192)?
            .max_discard_sectors(16)
            .discard_granularity(2048)?
            .max_write_zeroes_sectors(24)
            .build(fmt!("rust_blk_limits"), tags()?, Disk::new()?)?;
        let limits = limits(&disk);
        let features =
            bindings::BLK_FEAT_ROTATIONAL | bindings::BLK_FEAT_WRITE_CACHE | bindings::BLK_FEAT_FUA;
        assert_eq!(limits.features & features, features);
        assert_eq!(limits.logical_block_size, 512);
        assert_eq!(limits.physical_block_size, 1024);
        assert_eq!(limits.max_hw_sectors, 64);
        assert_eq!(limits.max_segments, 3);
        assert_eq!(limits.max_segment_size, 8192);
        assert_eq!(limits.max_discard_sectors, 16);
        assert_eq!(limits.discard_granularity, 2048);
        assert_eq!(limits.max_write_zeroes_sectors, 24);
        Ok(())
    }

    #[test]
    fn features_can_be_taken_back() -> Result {
        let disk = builder()?.rotational(true).rotational(false).build(
            fmt!("rust_blk_features"),
            tags()?,
            Disk::new()?,
        )?;
        assert_eq!(limits(&disk).features & bindings::BLK_FEAT_ROTATIONAL, 0);
        Ok(())
    }

    #[test]
    fn names() -> Result {
        let data = Disk::new()?;
        let longest = "rust_blk_name_of_thirty_one_byt";
        assert_eq!(longest.len(), 31);
        let disk = builder()?.build(fmt!("{longest}"), tags()?, data.clone())?;
        drop(disk);
        for name in [
            "",
            "rust_blk_name_of_thirty_two_byte",
            "rust_blk\0",
            "\0",
            "rust\0blk",
        ] {
            let disk = builder()?.build(fmt!("{name}"), tags()?, data.clone());
            assert_eq!(disk.err(), Some(EINVAL));
        }
        // Each gave its data back.
        assert!(Arc::into_unique_or_drop(data).is_some());
        Ok(())
    }

    #[test]
    fn too_large() -> Result {
        let data = Disk::new()?;
        let builder = builder()?.capacity_sectors(u64::MAX);
        let disk = builder.build(fmt!("rust_blk_large"), tags()?, data.clone());
        assert_eq!(disk.err(), Some(EINVAL));
        assert!(Arc::into_unique_or_drop(data).is_some());
        Ok(())
    }

    #[test]
    fn data_and_tags_go_with_the_disk() -> Result {
        let (data, tags) = (Disk::new()?, tags()?);
        let one = builder()?.build(fmt!("rust_blk_one"), tags.clone(), data.clone())?;
        let two = builder()?.build(fmt!("rust_blk_two"), tags.clone(), data.clone())?;
        let mut sector = KVec::from_elem(7, SECTOR_SIZE as usize, GFP_KERNEL)?;
        io::write(&one, 1, &mut sector)?;
        drop(one);
        sector.as_mut_slice().fill(0);
        io::read(&two, 1, &mut sector)?;
        assert_eq!(sector[0], 7);
        drop(two);
        assert!(Arc::into_unique_or_drop(data).is_some());
        assert!(Arc::into_unique_or_drop(tags).is_some());
        Ok(())
    }
}
