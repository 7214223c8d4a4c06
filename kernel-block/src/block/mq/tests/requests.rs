// SPDX-License-Identifier: GPL-2.0

//! What becomes of requests, whatever the driver does with them.

use super::{
    io::{Plug, Read},
    *,
};

/// Reads the first sector, with the driver in `mode`.
fn read_in(disk: &Arc<Disk>, gen_disk: &GenDisk<Memory>, mode: Mode) -> Result {
    let mut data = KVec::from_elem(0xff, SECTOR_SIZE as usize, GFP_KERNEL)?;
    disk.set_mode(mode);
    let result = io::read(gen_disk, 0, &mut data);
    disk.set_mode(Mode::AtOnce);
    result
}

/// Begins four reads of the first sector, with the driver in `mode`: they come in one list.
fn four_in<'a>(
    disk: &Disk,
    gen_disk: &'a GenDisk<Memory>,
    mode: Mode,
) -> Result<KVec<Pin<KBox<Read<'a>>>>> {
    let mut reads = KVec::with_capacity(4, GFP_KERNEL)?;
    disk.set_mode(mode);
    Plug::new().hold(|| {
        for _ in 0..4 {
            reads.push(Read::submit(gen_disk)?, GFP_KERNEL)?;
        }
        assert_eq!(disk.calls.load(Relaxed), 0);
        Ok(())
    })?;
    Ok(reads)
}

#[crate::macros::kunit_tests(rust_block_mq_requests)]
mod cases {
    use super::*;

    #[test]
    fn what_is_written_is_read() -> Result {
        let (disk, gen_disk) = disk("blk_rw")?;
        for mode in [Mode::AtOnce, Mode::Complete, Mode::Busy, Mode::Shared] {
            // Longer than a page, so that there are several segments.
            let mut data = KVec::from_elem(mode as u8 + 1, 9 * SECTOR_SIZE as usize, GFP_KERNEL)?;
            disk.set_mode(mode);
            io::write(&gen_disk, 8, &mut data)?;
            data.as_mut_slice().fill(0xff);
            disk.set_mode(mode);
            io::read(&gen_disk, 8, &mut data)?;
            for byte in &data {
                assert_eq!(*byte, mode as u8 + 1);
            }
            // What is beside it has not changed.
            io::read(&gen_disk, 17, &mut data)?;
            assert_eq!(data[0], 0);
        }
        assert_eq!(disk.wrong.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn without_memory_it_only_names_sectors() -> Result {
        let (disk, gen_disk) = disk("blk_nomem")?;
        let bdev = io::bdev(&gen_disk);
        // SAFETY: The device is there for as long as the disk.
        let result = unsafe { bindings::blkdev_issue_discard(bdev, 3, 5, bindings::GFP_KERNEL) };
        to_result(result)?;
        assert_eq!(disk.discarded.load(Relaxed), 3 << 32 | 5);
        // SAFETY: As above.
        let result = unsafe { bindings::blkdev_issue_zeroout(bdev, 9, 2, bindings::GFP_KERNEL, 0) };
        to_result(result)?;
        assert_eq!(disk.discarded.load(Relaxed), 9 << 32 | 2);
        // SAFETY: As above.
        to_result(unsafe { bindings::blkdev_issue_flush(bdev) })?;
        assert_eq!(disk.flushes.load(Relaxed), 1);
        assert_eq!(disk.wrong.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn says_that_it_goes_past_the_cache() -> Result {
        for (has, expected) in [(true, 1), (false, 0)] {
            let disk = Disk::new()?;
            let gen_disk =
                builder()?
                    .fua(has)
                    .build(fmt!("rust_blk_fua"), tags()?, disk.clone())?;
            let mut data = KVec::from_elem(1, SECTOR_SIZE as usize, GFP_KERNEL)?;
            io::write(&gen_disk, 0, &mut data)?;
            assert_eq!(disk.fua.load(Relaxed), 0);
            let fua = bindings::req_op_REQ_OP_WRITE | 1 << bindings::req_flag_bits___REQ_FUA;
            io::transfer(&gen_disk, 0, &mut data, fua)?;
            assert_eq!(disk.fua.load(Relaxed), expected);
            // Without it, the cache is flushed.
            assert_eq!(disk.flushes.load(Relaxed), 1 - expected);
            assert_eq!(disk.wrong.load(Relaxed), 0);
        }
        Ok(())
    }

    #[test]
    fn fails_with_what_the_driver_says() -> Result {
        let (disk, gen_disk) = disk("blk_fail")?;
        assert_eq!(read_in(&disk, &gen_disk, Mode::Fail), Err(ENOSPC));
        assert_eq!(read_in(&disk, &gen_disk, Mode::EndFailed), Err(ETIMEDOUT));
        // Nobody says anything.
        assert_eq!(read_in(&disk, &gen_disk, Mode::Drop), Err(EIO));
        assert_eq!(read_in(&disk, &gen_disk, Mode::AtOnce), Ok(()));
        assert_eq!(disk.wrong.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn ends_once() -> Result {
        let (disk, gen_disk) = disk("blk_once")?;
        // The error counts for nothing.
        assert_eq!(read_in(&disk, &gen_disk, Mode::EndAndFail), Ok(()));
        // The second completion is none. How it ends depends on whether the first comes at once, which then
        // finds other references.
        let result = read_in(&disk, &gen_disk, Mode::CompleteTwice);
        assert!(result == Ok(()) || result == Err(EIO));
        assert_eq!(read_in(&disk, &gen_disk, Mode::AtOnce), Ok(()));
        assert_eq!(disk.wrong.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn ends_later() -> Result {
        let (disk, gen_disk) = disk("blk_later")?;
        for mode in [Mode::Keep, Mode::KeepAndFail] {
            disk.set_mode(mode);
            let read = Read::submit(&gen_disk)?;
            let rq = disk.take_kept().ok_or(EINVAL)?;
            assert_eq!(rq.command(), Command::Read);
            assert_eq!((rq.sector(), rq.sectors(), rq.bytes()), (0, 1, SECTOR_SIZE));
            assert!(rq.tag() < 16);
            let other = rq.clone();
            let rq = Request::end_ok(rq).err().ok_or(EINVAL)?;
            drop(other);
            assert!(Request::end_ok(rq).is_ok());
            assert_eq!(read.wait(), Ok(()));
        }
        Ok(())
    }

    #[test]
    fn completes_later() -> Result {
        let (disk, gen_disk) = disk("blk_complete")?;
        disk.set_mode(Mode::Keep);
        let read = Read::submit(&gen_disk)?;
        Request::complete(disk.take_kept().ok_or(EINVAL)?);
        assert_eq!(read.wait(), Ok(()));
        Ok(())
    }

    #[test]
    fn fails_if_dropped_later() -> Result {
        let (disk, gen_disk) = disk("blk_drop")?;
        disk.set_mode(Mode::Keep);
        let read = Read::submit(&gen_disk)?;
        let rq = disk.take_kept().ok_or(EINVAL)?;
        let other = rq.clone();
        drop(rq);
        drop(other);
        assert_eq!(read.wait(), Err(EIO));
        Ok(())
    }

    #[test]
    fn come_in_a_list() -> Result {
        let (disk, gen_disk) = disk("blk_list")?;
        for (mode, result) in [
            (Mode::AtOnce, Ok(())),
            (Mode::Complete, Ok(())),
            (Mode::Shared, Ok(())),
            // The error counts for nothing.
            (Mode::EndAndFail, Ok(())),
            (Mode::Fail, Err(ENOSPC)),
            (Mode::EndFailed, Err(ETIMEDOUT)),
            (Mode::Drop, Err(EIO)),
        ] {
            for read in &four_in(&disk, &gen_disk, mode)? {
                assert_eq!(read.wait(), result);
            }
            assert_eq!(disk.calls.load(Relaxed), 4);
            assert_eq!(disk.lasts.load(Relaxed), 1);
            // Where the last one was returned, it has not come.
            let returned = mode == Mode::Fail;
            assert_eq!(disk.commits.load(Relaxed), returned.into());
        }
        assert_eq!(disk.wrong.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn are_tried_again_from_a_list() -> Result {
        let (disk, gen_disk) = disk("blk_again")?;
        for read in &four_in(&disk, &gen_disk, Mode::Busy)? {
            assert_eq!(read.wait(), Ok(()));
        }
        // Three times the driver was busy.
        assert_eq!(disk.calls.load(Relaxed), 7);
        assert!(disk.commits.load(Relaxed) >= 1);
        assert_eq!(disk.wrong.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn of_another_disk_are_not_lost() -> Result {
        let flags = Flag::NoSchedByDefault | Flag::Blocking;
        let tags = Arc::pin_init(TagSet::with_flags(1, 16, 1, flags), GFP_KERNEL)?;
        let disk = Disk::new()?;
        let gen_disk = builder()?.build(fmt!("rust_blk_asks"), tags, disk.clone())?;
        let (other, other_disk) = self::disk("blk_asked")?;
        other.set_mode(Mode::AtOnce);
        let nested = io::Read::prepare(&other_disk)?;
        disk.nested.store(nested.raw(), Relaxed);
        // The driver has the list of this task's plug, which the other request goes to.
        for read in &four_in(&disk, &gen_disk, Mode::Nested)? {
            assert_eq!(read.wait(), Ok(()));
        }
        assert_eq!(nested.wait(), Ok(()));
        assert_eq!(disk.calls.load(Relaxed), 4);
        assert_eq!(other.calls.load(Relaxed), 1);
        assert_eq!(
            (disk.wrong.load(Relaxed), other.wrong.load(Relaxed)),
            (0, 0)
        );
        Ok(())
    }

    #[test]
    fn are_kept_from_a_list() -> Result {
        let (disk, gen_disk) = disk("blk_keep")?;
        // It has room for one, and drops the one before.
        let reads = four_in(&disk, &gen_disk, Mode::Keep)?;
        let rq = disk.take_kept().ok_or(EINVAL)?;
        assert!(Request::end_ok(rq).is_ok());
        let mut good = 0;
        for read in &reads {
            match read.wait() {
                Ok(()) => good += 1,
                Err(error) => assert_eq!(error, EIO),
            }
        }
        assert_eq!((good, disk.calls.load(Relaxed)), (1, 4));
        Ok(())
    }
}
