// SPDX-License-Identifier: GPL-2.0

//! Tests with disks, whose driver does with a request what the test asks for.

use super::{gen_disk::GenDisk, gen_disk::GenDiskBuilder, *};
use crate::{
    bindings,
    block::SECTOR_SIZE,
    error::to_result,
    new_spinlock,
    prelude::*,
    sync::{
        aref::ARef,
        atomic::{Atomic, Relaxed},
        Arc, ArcBorrow, SpinLock,
    },
};

mod io;
mod making;
mod requests;

/// The sectors of a disk here.
const SECTORS: u64 = 64;

/// What the driver does with a request.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
enum Mode {
    /// Transfers, and ends it with the result.
    AtOnce,
    /// Transfers, and completes it.
    Complete,
    /// Completes it twice.
    CompleteTwice,
    /// Says `EBUSY` three times, and then transfers.
    Busy,
    /// Returns an error.
    Fail,
    /// Ends it with an error.
    EndFailed,
    /// Drops the reference, and says that all is well.
    Drop,
    /// Keeps it.
    Keep,
    /// Keeps it, and returns an error.
    KeepAndFail,
    /// Ends it, and returns an error.
    EndAndFail,
    /// Tries to end it while there is another reference.
    Shared,
    /// Asks another disk for something before it transfers.
    Nested,
}

const MODES: [Mode; 12] = [
    Mode::AtOnce,
    Mode::Complete,
    Mode::CompleteTwice,
    Mode::Busy,
    Mode::Fail,
    Mode::EndFailed,
    Mode::Drop,
    Mode::Keep,
    Mode::KeepAndFail,
    Mode::EndAndFail,
    Mode::Shared,
    Mode::Nested,
];

/// A disk in memory.
#[pin_data]
struct Disk {
    mode: Atomic<i32>,
    calls: Atomic<i32>,
    /// How many of these were said to be the last.
    lasts: Atomic<i32>,
    /// How often the driver was told that the last one does not come.
    commits: Atomic<i32>,
    /// How often something happened that a test says must not.
    wrong: Atomic<i32>,
    flushes: Atomic<i32>,
    /// How many requests had to be written past the cache.
    fua: Atomic<i32>,
    /// What the driver asks another disk for, once.
    nested: Atomic<*mut bindings::bio>,
    /// What was asked for last that has no memory: its first sector, and how many.
    discarded: Atomic<u64>,
    #[pin]
    memory: SpinLock<KVec<u8>>,
    #[pin]
    kept: SpinLock<Option<ARef<Request<Memory>>>>,
}

impl Disk {
    fn new() -> Result<Arc<Self>> {
        let memory = KVec::from_elem(0, SECTORS as usize * SECTOR_SIZE as usize, GFP_KERNEL)?;
        Arc::pin_init(
            pin_init!(Self {
                mode: Atomic::new(Mode::AtOnce as i32),
                calls: Atomic::new(0),
                lasts: Atomic::new(0),
                commits: Atomic::new(0),
                wrong: Atomic::new(0),
                flushes: Atomic::new(0),
                fua: Atomic::new(0),
                nested: Atomic::new(core::ptr::null_mut()),
                discarded: Atomic::new(0),
                memory <- new_spinlock!(memory),
                kept <- new_spinlock!(None),
            }),
            GFP_KERNEL,
        )
    }

    fn set_mode(&self, mode: Mode) {
        self.mode.store(mode as i32, Relaxed);
        self.calls.store(0, Relaxed);
        self.lasts.store(0, Relaxed);
        self.commits.store(0, Relaxed);
    }

    fn expect(&self, holds: bool) {
        if !holds {
            self.wrong.add(1, Relaxed);
        }
    }

    fn take_kept(&self) -> Option<ARef<Request<Memory>>> {
        self.kept.lock().take()
    }

    /// Does what the request asks for.
    fn transfer(&self, rq: &Request<Memory>) -> Result {
        if rq.command() == Command::Flush {
            // It is about no sector.
            self.flushes.add(1, Relaxed);
            self.expect(rq.bytes() == 0);
            return Ok(());
        }
        self.fua.add(rq.is_fua().into(), Relaxed);
        let start = rq.sector() as usize * SECTOR_SIZE as usize;
        let mut guard = self.memory.lock();
        let mut memory = guard.get_mut(start..).ok_or(EIO)?;
        let mut bytes = 0;
        match rq.command() {
            Command::Read | Command::Write => {}
            Command::Discard | Command::WriteZeroes => {
                let sectors = u64::from(rq.sectors());
                self.discarded.store(rq.sector() << 32 | sectors, Relaxed);
            }
            Command::Flush | Command::Other(_) => return Err(ENOTSUPP),
        }
        rq.segments(|segment| {
            let len = segment.len();
            bytes += len;
            let (part, rest) = core::mem::take(&mut memory)
                .split_at_mut_checked(len)
                .ok_or(EIO)?;
            memory = rest;
            // In two steps, the second of which begins within the segment.
            let half = len / 2;
            let (first, second) = part.split_at_mut_checked(half).ok_or(EIO)?;
            let tail = segment.skip(half);
            self.expect(tail.len() == len - half && segment.skip(len + 1).len() == 0);
            if rq.command() == Command::Read {
                self.expect(segment.copy_to(first).is_err());
                self.expect(segment.copy_from(first)? == half);
                self.expect(tail.copy_from(second)? == len - half);
            } else {
                self.expect(segment.copy_from(first).is_err() && segment.zero().is_err());
                self.expect(segment.copy_to(first)? == half);
                self.expect(tail.copy_to(second)? == len - half);
            }
            Ok(())
        })?;
        let has_memory = matches!(rq.command(), Command::Read | Command::Write);
        self.expect(bytes == if has_memory { rq.bytes() as usize } else { 0 });
        Ok(())
    }
}

/// The driver.
struct Memory;

impl Memory {
    fn end(disk: &Disk, rq: ARef<Request<Self>>, result: Result) {
        disk.expect(Request::end(rq, result).is_ok());
    }
}

#[vtable]
impl Operations for Memory {
    type QueueData = Arc<Disk>;

    fn queue_rq(disk: ArcBorrow<'_, Disk>, rq: ARef<Request<Self>>, is_last: bool) -> Result {
        disk.lasts.add(is_last.into(), Relaxed);
        let calls = disk.calls.fetch_add(1, Relaxed);
        disk.expect(rq.queue_index() == 0);
        let mode = MODES
            .get(disk.mode.load(Relaxed) as usize)
            .copied()
            .ok_or(EINVAL)?;
        match mode {
            Mode::Busy if calls < 3 => return Err(EBUSY),
            Mode::AtOnce | Mode::Busy | Mode::Nested => {
                if mode == Mode::Nested {
                    io::submit_raw(disk.nested.xchg(core::ptr::null_mut(), Relaxed));
                }
                let result = disk.transfer(&rq);
                Self::end(&disk, rq, result);
            }
            Mode::Complete => {
                disk.transfer(&rq)?;
                Request::complete(rq);
            }
            Mode::CompleteTwice => {
                disk.transfer(&rq)?;
                let again = rq.clone();
                let last = rq.clone();
                Request::complete(rq);
                Request::complete(again);
                drop(last);
            }
            Mode::Fail => return Err(ENOSPC),
            Mode::EndFailed => Self::end(&disk, rq, Err(ETIMEDOUT)),
            Mode::Drop => {}
            Mode::Keep => *disk.kept.lock() = Some(rq),
            Mode::KeepAndFail => {
                *disk.kept.lock() = Some(rq);
                return Err(ENOSPC);
            }
            Mode::EndAndFail => {
                let result = disk.transfer(&rq);
                Self::end(&disk, rq, result);
                return Err(EBUSY);
            }
            Mode::Shared => {
                let other = rq.clone();
                disk.transfer(&rq)?;
                match Request::end_ok(rq) {
                    Ok(()) => disk.expect(false),
                    Err(rq) => {
                        drop(other);
                        Self::end(&disk, rq, Ok(()));
                    }
                }
            }
        }
        Ok(())
    }

    fn commit_rqs(disk: ArcBorrow<'_, Disk>) {
        disk.commits.add(1, Relaxed);
    }

    fn complete(rq: ARef<Request<Self>>) {
        // With `CompleteTwice` there may be others, and the last of them ends the request, which fails.
        let _ = Request::end_ok(rq);
    }
}

fn tags() -> Result<Arc<TagSet<Memory>>> {
    let flags = Flag::NoSchedByDefault.into();
    Arc::pin_init(TagSet::with_flags(1, 16, 1, flags), GFP_KERNEL)
}

/// What the disks here are like.
fn builder() -> Result<GenDiskBuilder> {
    Ok(GenDiskBuilder::new()
        .logical_block_size(SECTOR_SIZE)?
        .physical_block_size(SECTOR_SIZE)?
        .capacity_sectors(SECTORS)
        .write_cache(true)
        .max_discard_sectors(32)
        .max_write_zeroes_sectors(32))
}

fn disk(name: &'static str) -> Result<(Arc<Disk>, GenDisk<Memory>)> {
    let disk = Disk::new()?;
    let gen_disk = builder()?.build(fmt!("rust_{name}"), tags()?, disk.clone())?;
    Ok((disk, gen_disk))
}
