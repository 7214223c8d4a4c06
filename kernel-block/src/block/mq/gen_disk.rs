// SPDX-License-Identifier: GPL-2.0

//! Disks.
//!
//! A [`GenDisk`] is what user space sees as `/dev/NAME`. A [`GenDiskBuilder`] makes it.
//!
//! C header: [`include/linux/blkdev.h`](srctree/include/linux/blkdev.h).

use super::{Operations, TagSet};
use crate::{
    bindings,
    block::{PAGE_SECTORS_SHIFT, SECTOR_SHIFT, SECTOR_SIZE},
    error::{from_err_ptr, to_result},
    fmt::{self, Write},
    page::PAGE_SIZE,
    prelude::*,
    static_lock_class,
    sync::Arc,
    types::ForeignOwnable,
};
use core::ptr::NonNull;

/// The most sectors that a disk can have: C's `BLK_DEV_MAX_SECTORS`.
const MAX_SECTORS: u64 = i64::MAX as u64 >> SECTOR_SHIFT;

/// The least that C lets the largest segment of a device be: its `BLK_MIN_SEGMENT_SIZE`.
const MIN_SEGMENT_SIZE: u32 = 4096;

/// What a disk is to be like. [`build`](Self::build) makes it.
///
/// What is not said otherwise is as in C's `struct queue_limits`: blocks of 4096 bytes, and C's defaults. What
/// goes beyond 7.2's own `kernel` crate has the name of a field of that structure, or of its features; that is
/// all after [`capacity_sectors`](Self::capacity_sectors).
///
/// C counterpart: [`struct queue_limits`].
///
/// # Examples
///
/// ```
/// use kernel::{
///     block::mq::{
///         gen_disk::{GenDisk, GenDiskBuilder},
///         Operations, TagSet,
///     },
///     prelude::*,
///     sync::Arc,
/// };
///
/// fn add<T: Operations<QueueData = ()>>(tags: Arc<TagSet<T>>, index: u32) -> Result<GenDisk<T>> {
///     GenDiskBuilder::new()
///         .capacity_sectors(1 << 16)
///         .logical_block_size(512)?
///         .physical_block_size(4096)?
///         .rotational(true)
///         .write_cache(true)
///         .max_hw_sectors(256)?
///         .max_discard_sectors(1 << 10)
///         .discard_granularity(4096)?
///         .build(fmt!("rust_doc_disk{index}"), tags, ())
/// }
///
/// // C would warn of these, and refuse them later.
/// assert_eq!(GenDiskBuilder::new().logical_block_size(1000).err(), Some(EINVAL));
/// assert_eq!(GenDiskBuilder::new().max_hw_sectors(1).err(), Some(EINVAL));
/// # use kernel::{block::mq::Request, sync::aref::ARef};
/// # struct Driver;
/// # #[vtable]
/// # impl Operations for Driver {
/// #     type QueueData = ();
/// #     fn queue_rq(_: (), rq: ARef<Request<Self>>, _: bool) -> Result {
/// #         Request::end_ok(rq).map_err(|_| EIO)
/// #     }
/// #     fn complete(rq: ARef<Request<Self>>) {
/// #         let _ = Request::end_ok(rq);
/// #     }
/// # }
/// # drop(add(Arc::pin_init(TagSet::<Driver>::new(1, 16, 1), GFP_KERNEL)?, 0)?);
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct queue_limits`]: srctree/include/linux/blkdev.h
pub struct GenDiskBuilder {
    features: bindings::blk_features_t,
    logical_block_size: u32,
    physical_block_size: u32,
    capacity_sectors: u64,
    max_hw_sectors: u32,
    max_segments: u16,
    max_segment_size: u32,
    max_discard_sectors: u32,
    discard_granularity: u32,
    max_write_zeroes_sectors: u32,
}

impl Default for GenDiskBuilder {
    fn default() -> Self {
        Self {
            features: 0,
            logical_block_size: PAGE_SIZE as u32,
            physical_block_size: PAGE_SIZE as u32,
            capacity_sectors: 0,
            max_hw_sectors: 0,
            max_segments: 0,
            max_segment_size: 0,
            max_discard_sectors: 0,
            discard_granularity: 0,
            max_write_zeroes_sectors: 0,
        }
    }
}

impl GenDiskBuilder {
    /// Begins with a disk of no sectors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets or clears a feature.
    fn feature(mut self, feature: bindings::blk_features_t, has: bool) -> Self {
        if has {
            self.features |= feature;
        } else {
            self.features &= !feature;
        }
        self
    }

    /// Whether the disk turns, so that sectors which are near each other are quicker to get.
    pub fn rotational(self, rotational: bool) -> Self {
        self.feature(bindings::BLK_FEAT_ROTATIONAL, rotational)
    }

    /// Checks that blocks can have a size of `size` bytes.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is no power of two, or less than 512, or more than a page.
    pub fn validate_block_size(size: u32) -> Result {
        if size.is_power_of_two() && (SECTOR_SIZE..=PAGE_SIZE as u32).contains(&size) {
            Ok(())
        } else {
            Err(EINVAL)
        }
    }

    /// Sets the size in bytes of the smallest block that the device reads and writes.
    ///
    /// # Errors
    ///
    /// As for [`validate_block_size`](Self::validate_block_size).
    pub fn logical_block_size(mut self, block_size: u32) -> Result<Self> {
        Self::validate_block_size(block_size)?;
        self.logical_block_size = block_size;
        Ok(self)
    }

    /// Sets the size in bytes of the smallest block that the device writes without reading it before.
    ///
    /// If it is smaller than a logical block, it is as large.
    ///
    /// # Errors
    ///
    /// As for [`validate_block_size`](Self::validate_block_size).
    pub fn physical_block_size(mut self, block_size: u32) -> Result<Self> {
        Self::validate_block_size(block_size)?;
        self.physical_block_size = block_size;
        Ok(self)
    }

    /// Sets the capacity, in sectors of 512 bytes whatever the size of a block.
    pub fn capacity_sectors(mut self, capacity: u64) -> Self {
        self.capacity_sectors = capacity;
        self
    }

    /// Whether the device has a cache that loses its data without power: there are requests to flush it.
    pub fn write_cache(self, write_cache: bool) -> Self {
        self.feature(bindings::BLK_FEAT_WRITE_CACHE, write_cache)
    }

    /// Whether the device can write a request past its [cache](Self::write_cache). Without one it counts for
    /// nothing.
    ///
    /// The driver then has to do so where a request asks for it: see
    /// [`Request::is_fua`](super::Request::is_fua).
    pub fn fua(self, fua: bool) -> Self {
        self.feature(bindings::BLK_FEAT_FUA, fua)
    }

    /// Sets the length of the largest request to read or write, in sectors of 512 bytes.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is less than a page.
    pub fn max_hw_sectors(mut self, sectors: u32) -> Result<Self> {
        if sectors < 1 << PAGE_SECTORS_SHIFT {
            return Err(EINVAL);
        }
        self.max_hw_sectors = sectors;
        Ok(self)
    }

    /// Sets the number of segments, each of which may have several pages, that a request has at most.
    ///
    /// Zero is for C's default, 128.
    pub fn max_segments(mut self, segments: u16) -> Self {
        self.max_segments = segments;
        self
    }

    /// Sets the length in bytes of the longest segment.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is less than 4096.
    pub fn max_segment_size(mut self, size: u32) -> Result<Self> {
        if size < MIN_SEGMENT_SIZE {
            return Err(EINVAL);
        }
        self.max_segment_size = size;
        Ok(self)
    }

    /// Sets the length of the largest request to discard, in sectors of 512 bytes; zero, if there are none.
    ///
    /// This is C's `max_hw_discard_sectors`. User space may set a lower one.
    pub fn max_discard_sectors(mut self, sectors: u32) -> Self {
        self.max_discard_sectors = sectors;
        self
    }

    /// Sets the unit that the device discards in, in bytes. It is a physical block at least.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is not a power of two, or less than 512.
    pub fn discard_granularity(mut self, size: u32) -> Result<Self> {
        if !size.is_power_of_two() || size < SECTOR_SIZE {
            return Err(EINVAL);
        }
        self.discard_granularity = size;
        Ok(self)
    }

    /// Sets the length of the largest request to write zeroes, in sectors of 512 bytes; zero, if there are none.
    pub fn max_write_zeroes_sectors(mut self, sectors: u32) -> Self {
        self.max_write_zeroes_sectors = sectors;
        self
    }

    /// The limits as C has them.
    fn limits(&self) -> bindings::queue_limits {
        let mut limits: bindings::queue_limits = pin_init::zeroed();
        limits.features = self.features;
        limits.logical_block_size = self.logical_block_size;
        limits.physical_block_size = self.physical_block_size;
        limits.max_hw_sectors = self.max_hw_sectors;
        limits.max_segments = self.max_segments;
        limits.max_segment_size = self.max_segment_size;
        limits.max_hw_discard_sectors = self.max_discard_sectors;
        limits.discard_granularity = self.discard_granularity;
        limits.max_write_zeroes_sectors = self.max_write_zeroes_sectors;
        limits
    }

    /// Makes the disk, which is there for user space from now on, and has requests.
    ///
    /// `name` is that of the device's file. `queue_data` are for the requests of this disk.
    ///
    /// It reads the disk before it returns, to look for partitions. It may sleep.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if the name is empty, has more than 31 bytes, or a NUL; or the capacity has more than
    ///   2<sup>63</sup> bytes.
    /// - `EEXIST` if there is a disk with this name; C warns of that.
    /// - `EBUSY` if there are as many disks as there can be.
    /// - `ENOMEM` without memory.
    pub fn build<T: Operations>(
        self,
        name: fmt::Arguments<'_>,
        tagset: Arc<TagSet<T>>,
        queue_data: T::QueueData,
    ) -> Result<GenDisk<T>> {
        let data = queue_data.into_foreign();
        // SAFETY: The set is one of C's, by its type invariant. It and the data stay for as long as the disk
        // is there, as `GenDisk` sees to it; and if there is an error then it has no queue.
        match unsafe { self.add(name, tagset.raw_tag_set(), data) } {
            // INVARIANT: The disk was added, and has the set, and data of this type.
            Ok(disk) => Ok(GenDisk { tagset, disk }),
            Err(error) => {
                // SAFETY: It is what `into_foreign` returned, and nobody borrows it, without a queue.
                drop(unsafe { T::QueueData::from_foreign(data) });
                Err(error)
            }
        }
    }

    /// Makes and adds C's disk.
    ///
    /// It is not generic, so that it is not in the driver's module, and neither is the class of its lock:
    /// lockdep has that for as long as somebody has the disk open.
    ///
    /// # Safety
    ///
    /// `set` is an allocated tag set, and stays until the disk is deleted. `data` is what its operations take
    /// for queue data, and stays as long.
    #[inline(never)]
    unsafe fn add(
        &self,
        name: fmt::Arguments<'_>,
        set: *mut bindings::blk_mq_tag_set,
        data: *mut c_void,
    ) -> Result<NonNull<bindings::gendisk>> {
        if self.capacity_sectors > MAX_SECTORS {
            return Err(EINVAL);
        }
        let name = disk_name(name)?;
        // SAFETY: The set is valid, and its operations do not change.
        let ops = unsafe { (*set).ops };
        // SAFETY: Any address may be looked up.
        let owner = unsafe { bindings::module_at(ops.cast()) };
        // SAFETY: The module has the operations, and is there for as long as its disk.
        let fops = unsafe { bindings::blk_mq_disk_fops(owner) };
        if fops.is_null() {
            return Err(ENOMEM);
        }

        let mut limits = self.limits();
        let class = static_lock_class!();
        // SAFETY: The set was allocated, as the caller says. The others are valid, and the class is static.
        let disk = unsafe { bindings::__blk_mq_alloc_disk(set, &mut limits, data, class.as_ptr()) };
        let disk = match from_err_ptr(disk) {
            Ok(disk) => disk,
            Err(error) => {
                // SAFETY: It is a `kmalloc()` of the helper's, and no disk has it.
                unsafe { bindings::kfree(fops.cast()) };
                return Err(error);
            }
        };
        // SAFETY: The disk is valid, and nobody else has it before it is added.
        unsafe { (*disk).fops = fops };
        // SAFETY: As above.
        unsafe { (*disk).disk_name = name };
        // SAFETY: As above.
        unsafe { bindings::set_capacity(disk, self.capacity_sectors) };
        // SAFETY: As above. It has what C wants: a name, operations, a queue.
        let added = unsafe {
            bindings::device_add_disk(core::ptr::null_mut(), disk, core::ptr::null_mut())
        };
        if let Err(error) = to_result(added) {
            // SAFETY: It was not added, and the count is that of its allocation. The set is still there.
            unsafe { bindings::blk_mq_put_disk_not_added(disk) };
            // SAFETY: A disk that was never added neither uses nor frees it, whoever still has the disk.
            unsafe { bindings::kfree(fops.cast()) };
            return Err(error);
        }
        // SAFETY: It is not null, as it is no error.
        Ok(unsafe { NonNull::new_unchecked(disk) })
    }
}

/// A disk's name as C has it: what is not part of it is NUL, the last byte at least.
struct DiskName {
    bytes: [c_char; bindings::DISK_NAME_LEN as usize],
    len: usize,
}

impl fmt::Write for DiskName {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            if byte == 0 || self.len + 1 >= self.bytes.len() {
                return Err(fmt::Error);
            }
            self.bytes[self.len] = byte;
            self.len += 1;
        }
        Ok(())
    }
}

/// Writes a disk's name, which is not empty, as C has it.
fn disk_name(name: fmt::Arguments<'_>) -> Result<[c_char; bindings::DISK_NAME_LEN as usize]> {
    let mut written = DiskName {
        bytes: [0; bindings::DISK_NAME_LEN as usize],
        len: 0,
    };
    written.write_fmt(name).map_err(|_| EINVAL)?;
    match written.len {
        0 => Err(EINVAL),
        _ => Ok(written.bytes),
    }
}

/// A disk, which is there for user space until this is dropped.
///
/// To drop it waits until its requests have ended, and until those calls of [`Operations::queue_rq`] have
/// returned that were for it. It may sleep. Programs that have the disk open get errors from now on. They keep
/// the driver's module, unless they opened the disk while that was being initialised.
///
/// [`GenDiskBuilder`] makes it, and has an example. C counterpart: [`struct gendisk`].
///
/// # Examples
///
/// ```
/// use kernel::block::mq::{gen_disk::GenDisk, Operations};
///
/// /// A disk that is switched on and off.
/// struct Switched<T: Operations>(Option<GenDisk<T>>);
///
/// impl<T: Operations> Switched<T> {
///     fn off(&mut self) {
///         // From here on nobody uses the disk's queue data.
///         drop(self.0.take());
///     }
/// }
/// # use kernel::{block::mq::Request, prelude::*, sync::aref::ARef};
/// # struct Driver;
/// # #[vtable]
/// # impl Operations for Driver {
/// #     type QueueData = ();
/// #     fn queue_rq(_: (), rq: ARef<Request<Self>>, _: bool) -> Result {
/// #         Request::end_ok(rq).map_err(|_| EIO)
/// #     }
/// #     fn complete(rq: ARef<Request<Self>>) {
/// #         let _ = Request::end_ok(rq);
/// #     }
/// # }
/// let mut disk = Switched::<Driver>(None);
/// disk.off();
/// assert!(disk.0.is_none());
/// ```
///
/// # Invariants
///
/// - `disk` is a disk that was added, and not deleted. It has its queue with `tagset`.
/// - Its queue data is what `into_foreign` of `T::QueueData` returned.
///
/// [`struct gendisk`]: srctree/include/linux/blkdev.h
pub struct GenDisk<T: Operations> {
    tagset: Arc<TagSet<T>>,
    disk: NonNull<bindings::gendisk>,
}

#[cfg(CONFIG_KUNIT = "y")]
impl<T: Operations> GenDisk<T> {
    /// The C structure, for tests.
    pub(super) fn as_raw(&self) -> *mut bindings::gendisk {
        self.disk.as_ptr()
    }
}

impl<T: Operations> Drop for GenDisk<T> {
    fn drop(&mut self) {
        let disk = self.disk.as_ptr();
        // SAFETY: By the type invariant the disk is there, and has a queue.
        let queue: *mut bindings::request_queue = unsafe { (*disk).queue };
        // SAFETY: As above. It was set before the queue had requests.
        let data = unsafe { (*queue).queuedata };
        // SAFETY: By the type invariant it was added, and not deleted.
        unsafe { bindings::del_gendisk(disk) };
        // All requests have ended, and there are no others. Those who gave them to the driver may not have
        // returned from that yet: C's reference for the queue goes with the request.
        //
        // SAFETY: The set is allocated, by its type invariant.
        unsafe { bindings::blk_mq_wait_quiesce_done(self.tagset.raw_tag_set()) };
        // SAFETY: It is what `into_foreign` of this type returned, by the type invariant. Nobody borrows it, as
        // what uses it is over. If it is not `Send`, it does not compile.
        drop(unsafe { T::QueueData::from_foreign(data) });
        // SAFETY: This is the count that the disk was allocated with.
        unsafe { bindings::put_disk(disk) };
    }
}

// SAFETY: Nothing can be done with a shared reference to it.
unsafe impl<T: Operations> Sync for GenDisk<T> {}

// SAFETY: C may delete a disk in any thread, and its data are `Send`, as `Operations` says. The set of tags is
// `Send` and `Sync`.
unsafe impl<T: Operations + Send> Send for GenDisk<T> {}
