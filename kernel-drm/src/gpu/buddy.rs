// SPDX-License-Identifier: GPL-2.0

//! An allocator of address ranges by the buddy system.
//!
//! It manages numbers, not memory: nothing is ever read or written at the offsets that it hands out. As a
//! rule they are addresses in the memory of a graphics card.
//!
//! All that there is to allocate is split into blocks, whose sizes are powers of two times the size of a
//! *chunk*, and which lie at multiples of their sizes. An allocation is a list of blocks.
//!
//! 1. Make a [`GpuBuddy`], by [`GpuBuddyParams`].
//! 2. [Allocate](GpuBuddy::alloc_blocks), with a [`GpuBuddyAllocMode`] for where, and
//!    [`GpuBuddyAllocFlags`] for how. That gives [`AllocatedBlocks`].
//! 3. Go through the blocks: each [`AllocatedBlock`] has an offset and a size.
//! 4. Drop what was allocated, to give it back.
//!
//! Available if the configuration has `CONFIG_GPU_BUDDY=y`, which DRM drivers of C select.
//!
//! On the C side this is [`include/linux/gpu_buddy.h`](srctree/include/linux/gpu_buddy.h) with
//! [`drivers/gpu/buddy.c`](srctree/drivers/gpu/buddy.c).
//!
//! # Examples
//!
//! ```
//! use kernel::{
//!     gpu::buddy::{GpuBuddy, GpuBuddyAllocFlag, GpuBuddyAllocMode, GpuBuddyParams},
//!     ptr::Alignment,
//!     sizes::*,
//! };
//!
//! let vram = GpuBuddy::new(GpuBuddyParams {
//!     base_offset: 0,
//!     size: SZ_1G as u64,
//!     chunk_size: Alignment::new::<SZ_4K>(),
//! })?;
//!
//! let blocks = KBox::pin_init(
//!     vram.alloc_blocks(
//!         GpuBuddyAllocMode::Simple,
//!         SZ_16M as u64,
//!         Alignment::new::<SZ_64K>(),
//!         GpuBuddyAllocFlag::Contiguous,
//!     ),
//!     GFP_KERNEL,
//! )?;
//! assert_eq!(vram.avail(), (SZ_1G - SZ_16M) as u64);
//! for block in blocks.iter() {
//!     assert_eq!(block.offset() % SZ_64K as u64, 0);
//! }
//!
//! drop(blocks);
//! assert_eq!(vram.avail(), SZ_1G as u64);
//! # Ok::<(), Error>(())
//! ```

use crate::{
    bindings,
    error::to_result,
    impl_flags,
    interop::list::CListHead,
    new_mutex,
    prelude::*,
    ptr::Alignment,
    sync::{Arc, Mutex, MutexGuard},
    types::Opaque,
};
use core::ops::Range;

mod blocks;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use blocks::{AllocatedBlock, AllocatedBlocks, AllocatedBlocksIter};

/// The smallest size of a chunk: C needs the bits below for itself.
const MIN_CHUNK: u64 = 4096;

/// The largest size: with it, no sum or rounding in C overflows.
const MAX_SIZE: u64 = 1 << 63;

/// What a [`GpuBuddy`] is to manage.
///
/// # Examples
///
/// ```
/// use kernel::{gpu::buddy::GpuBuddyParams, ptr::Alignment, sizes::*};
///
/// // 256 MiB, of which the first is reserved by the firmware.
/// let params = GpuBuddyParams {
///     base_offset: SZ_1M as u64,
///     size: (SZ_256M - SZ_1M) as u64,
///     chunk_size: Alignment::new::<SZ_4K>(),
/// };
/// assert_eq!(params.base_offset + params.size, SZ_256M as u64);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GpuBuddyParams {
    /// Where it begins, in bytes: what the offsets of blocks are counted up from.
    ///
    /// Blocks are aligned relative to this.
    pub base_offset: u64,
    /// How much there is, in bytes: at least a chunk, and at most 2^63. Part of a chunk at the end is not
    /// used.
    pub size: u64,
    /// The size of a chunk, in bytes, at least 4096. All that is allocated is in whole chunks.
    pub chunk_size: Alignment,
}

/// Where to allocate.
///
/// # Examples
///
/// ```
/// use kernel::{gpu::buddy::GpuBuddyAllocMode, sizes::*};
///
/// // What the CPU can see of the card's memory.
/// let visible = GpuBuddyAllocMode::Range(0..SZ_256M as u64);
/// assert!(matches!(visible, GpuBuddyAllocMode::Range(range) if range.start == 0));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuBuddyAllocMode {
    /// Wherever C likes.
    Simple,
    /// In this range, given in offsets as [`AllocatedBlock::offset`] has them.
    Range(Range<u64>),
    /// As far up as possible. C looks there first, and takes the block with the highest offset that it
    /// finds, also by splitting larger ones. An allocation that is smaller than `min_block_size` is where C
    /// likes.
    TopDown,
}

impl_flags!(
    /// How to allocate: any number of [`GpuBuddyAllocFlag`]s.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::gpu::buddy::{GpuBuddyAllocFlag, GpuBuddyAllocFlags};
    ///
    /// let flags = GpuBuddyAllocFlag::Contiguous | GpuBuddyAllocFlag::Clear;
    /// assert!(flags.contains(GpuBuddyAllocFlag::Clear));
    /// assert!(GpuBuddyAllocFlags::default().is_empty());
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct GpuBuddyAllocFlags(usize);

    /// A way to allocate.
    ///
    /// # Examples
    ///
    /// See [`GpuBuddyAllocFlags`].
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum GpuBuddyAllocFlag {
        /// The blocks follow on one another.
        Contiguous = bindings::GPU_BUDDY_CONTIGUOUS_ALLOCATION,
        /// Blocks that were [given back as cleared](AllocatedBlocks::set_cleared), if there are any.
        /// Ask the [blocks](AllocatedBlock::is_clear) for what came of it.
        ///
        /// Without this, blocks that were not are preferred. In a range, C finds only those that are not part of
        /// a block that is split.
        Clear = bindings::GPU_BUDDY_CLEAR_ALLOCATION,
        /// What the size was rounded up by is not given back: there may be more than was asked for.
        TrimDisable = bindings::GPU_BUDDY_TRIM_DISABLE,
    }
);

/// What C is to be asked for, without the base offset.
///
/// # Invariants
///
/// `Inner::request` of `buddy` has checked it.
struct Request {
    buddy: Arc<Inner>,
    start: u64,
    end: u64,
    size: u64,
    min_block_size: u64,
    flags: usize,
}

/// The allocator, as those see it that have blocks of it.
///
/// # Invariants
///
/// - `inner` is initialised, with `size` and `chunk_size`. C changes no more than what is below.
/// - Its trees, its counts, and its blocks, but for the ones that are allocated, are used under `lock` only.
/// - `base_offset + size` does not overflow.
#[pin_data(PinnedDrop)]
struct Inner {
    #[pin]
    inner: Opaque<bindings::gpu_buddy>,
    #[pin]
    lock: Mutex<()>,
    base_offset: u64,
    /// A multiple of the size of a chunk.
    size: u64,
    chunk_size: Alignment,
}

impl Inner {
    fn new(params: GpuBuddyParams) -> impl PinInit<Self, Error> {
        let chunk_size = params.chunk_size.as_usize() as u64;
        let size = params.size & !(chunk_size - 1);
        let fits = params.base_offset.checked_add(params.size).is_some();
        let valid = chunk_size >= MIN_CHUNK && size != 0 && params.size <= MAX_SIZE && fits;
        // INVARIANT: C keeps the numbers; the sum has been checked.
        try_pin_init!(Self {
            inner <- Opaque::try_ffi_init(move |mm| {
                if !valid {
                    return Err(EINVAL);
                }
                // SAFETY: The memory is valid for writes, and stays in place. The size is at least that of a
                // chunk, which is a power of two of at least `MIN_CHUNK`, and at most `MAX_SIZE`: so it is no
                // more orders than C has.
                to_result(unsafe { bindings::gpu_buddy_init(mm, size, chunk_size) })
            }),
            lock <- new_mutex!((), "GpuBuddy::lock"),
            base_offset: params.base_offset,
            size,
            chunk_size: params.chunk_size,
        })
    }

    /// The size of a chunk, in the type of sizes.
    fn chunk(&self) -> u64 {
        self.chunk_size.as_usize() as u64
    }

    /// Locks it, so that C may be called.
    fn lock(&self) -> Locked<'_> {
        // INVARIANT: It is locked as long as the guard is there.
        Locked {
            inner: self,
            _guard: self.lock.lock(),
        }
    }

    /// Checks what C warns about, loops over, or gets wrong, beside what it refuses.
    fn request(
        this: &Arc<Self>,
        mode: &GpuBuddyAllocMode,
        size: u64,
        min_block_size: u64,
        flags: GpuBuddyAllocFlags,
    ) -> Result<Request> {
        let chunk = this.chunk();
        let contiguous = flags.contains(GpuBuddyAllocFlag::Contiguous);
        let mut flags = usize::from(flags);
        if size == 0 || !size.is_multiple_of(chunk) || size > this.size {
            return Err(EINVAL);
        }
        if min_block_size < chunk || min_block_size > this.size {
            return Err(EINVAL);
        }
        let (start, end) = match mode {
            // C takes no heed of the range where it allocates, but does where it merges blocks.
            GpuBuddyAllocMode::Simple => (0, this.size),
            GpuBuddyAllocMode::TopDown => {
                flags |= bindings::GPU_BUDDY_TOPDOWN_ALLOCATION;
                (0, this.size)
            }
            GpuBuddyAllocMode::Range(range) => {
                flags |= bindings::GPU_BUDDY_RANGE_ALLOCATION;
                let start = range.start.checked_sub(this.base_offset).ok_or(EINVAL)?;
                let end = range.end.checked_sub(this.base_offset).ok_or(EINVAL)?;
                let length = end.checked_sub(start).ok_or(EINVAL)?;
                // In a range, C does not align blocks to more than their sizes.
                if end > this.size || size > length || size < min_block_size {
                    return Err(EINVAL);
                }
                if !start.is_multiple_of(chunk) || !end.is_multiple_of(chunk) {
                    return Err(EINVAL);
                }
                (start, end)
            }
        };
        // C takes all of a range as it is. Everything else it rounds up, and counts the chunks of it in 32
        // bits: more would be taken for fewer.
        if size != end - start {
            let rounded = if contiguous {
                size.next_power_of_two()
            } else {
                size.next_multiple_of(min_block_size)
            };
            if u32::try_from(rounded / chunk).is_err() || usize::try_from(rounded).is_err() {
                return Err(EINVAL);
            }
            // C would forget about the alignment. One block is contiguous anyway.
            if contiguous && rounded < min_block_size {
                flags &= !bindings::GPU_BUDDY_CONTIGUOUS_ALLOCATION;
            }
        }
        // INVARIANT: It has been checked.
        Ok(Request {
            buddy: this.clone(),
            start,
            end,
            size,
            min_block_size,
            flags,
        })
    }
}

#[pinned_drop]
impl PinnedDrop for Inner {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: It is initialised, by the type invariants. Who has blocks has a reference to this, so there
        // are none.
        unsafe { bindings::gpu_buddy_fini(self.inner.get()) };
    }
}

// SAFETY: C's structure belongs to no thread.
unsafe impl Send for Inner {}

// SAFETY: By the type invariants, what changes is used under the lock only.
unsafe impl Sync for Inner {}

/// The allocator while it is locked.
///
/// # Invariants
///
/// The guard is that of `inner`'s lock.
struct Locked<'a> {
    inner: &'a Inner,
    _guard: MutexGuard<'a, ()>,
}

impl Locked<'_> {
    fn avail(&self) -> u64 {
        // SAFETY: It is initialised, and locked by the type invariants.
        unsafe { (*self.inner.inner.get()).avail }
    }

    fn clear_avail(&self) -> u64 {
        // SAFETY: As above.
        unsafe { (*self.inner.inner.get()).clear_avail }
    }

    /// Allocates blocks into an empty list. It stays empty in case of an error.
    ///
    /// # Safety
    ///
    /// The request is one of this allocator.
    unsafe fn alloc(&self, request: &Request, list: &CListHead) -> Result {
        // SAFETY: The allocator is initialised and locked, by the type invariants. The list is initialised,
        // and not used while this runs. The numbers are checked, by the request's invariants.
        to_result(unsafe {
            bindings::gpu_buddy_alloc_blocks(
                self.inner.inner.get(),
                request.start,
                request.end,
                request.size,
                request.min_block_size,
                list.as_raw(),
                request.flags,
            )
        })
    }

    /// Frees all blocks in a list.
    ///
    /// # Safety
    ///
    /// They are allocated from this, and nobody uses them any more.
    unsafe fn free(&self, list: &CListHead, cleared: bool) {
        let flags = if cleared {
            bindings::GPU_BUDDY_CLEARED as c_uint
        } else {
            0
        };
        // SAFETY: The allocator is initialised and locked, by the type invariants. The caller vouches for the
        // blocks; the list is not used while this runs.
        unsafe { bindings::gpu_buddy_free_list(self.inner.inner.get(), list.as_raw(), flags) };
    }
}

/// An allocator of address ranges.
///
/// It is locked while it works, by a mutex of its own. It stays as long as there are blocks of it, whether
/// or not this is dropped.
///
/// C counterpart: [`struct gpu_buddy`](srctree/include/linux/gpu_buddy.h).
///
/// # Examples
///
/// ```
/// use kernel::{
///     gpu::buddy::{GpuBuddy, GpuBuddyAllocFlags, GpuBuddyAllocMode, GpuBuddyParams},
///     ptr::Alignment,
///     sizes::*,
/// };
///
/// let buddy = GpuBuddy::new(GpuBuddyParams {
///     base_offset: SZ_1M as u64,
///     size: SZ_64K as u64,
///     chunk_size: Alignment::new::<SZ_4K>(),
/// })?;
///
/// let mode = GpuBuddyAllocMode::TopDown;
/// let chunk = Alignment::new::<SZ_4K>();
/// let blocks = KBox::pin_init(
///     buddy.alloc_blocks(mode, SZ_4K as u64, chunk, GpuBuddyAllocFlags::default()),
///     GFP_KERNEL,
/// )?;
/// let block = blocks.iter().next().ok_or(EINVAL)?;
/// assert_eq!(block.offset(), (SZ_1M + SZ_64K - SZ_4K) as u64);
/// assert_eq!(block.size(), SZ_4K as u64);
/// # Ok::<(), Error>(())
/// ```
pub struct GpuBuddy(Arc<Inner>);

impl GpuBuddy {
    /// Makes an allocator.
    ///
    /// C counterpart: `gpu_buddy_init()`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` when a chunk is smaller than 4096 bytes, when there is not even one, or more than 2^63
    ///   bytes, or the end is beyond `u64::MAX`.
    /// - `ENOMEM` without memory.
    pub fn new(params: GpuBuddyParams) -> Result<Self> {
        Ok(Self(Arc::pin_init(Inner::new(params), GFP_KERNEL)?))
    }

    /// Where it begins, in bytes.
    pub fn base_offset(&self) -> u64 {
        self.0.base_offset
    }

    /// The size of a chunk, in bytes.
    pub fn chunk_size(&self) -> Alignment {
        self.0.chunk_size
    }

    /// How much there is, in bytes, allocated or not: a number of whole chunks.
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// How much is not allocated, in bytes: more may be allocated by the time this returns.
    pub fn avail(&self) -> u64 {
        self.0.lock().avail()
    }

    /// How much of that was given back as [cleared](AllocatedBlocks::set_cleared), in bytes.
    pub fn clear_avail(&self) -> u64 {
        self.0.lock().clear_avail()
    }

    /// Allocates `size` bytes.
    ///
    /// No block is smaller than `min_block_size` bytes, but for those at the end if that does not divide the
    /// size, and for an allocation that is smaller as a whole. The first of them is aligned to it; unless
    /// they are to be contiguous, so is each that is not smaller.
    ///
    /// In a range that is as large as the allocation it gets all of it, with whatever blocks there are.
    ///
    /// C counterpart: `gpu_buddy_alloc_blocks()`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` when
    ///   - the size is zero, not a number of whole chunks, or more than there is or the range has;
    ///   - `min_block_size` is less than a chunk, or more than there is, or, unless the blocks are to be
    ///     contiguous, the size rounded up to it is;
    ///   - they are to be contiguous in a range, and the size rounded up to a power of two is more than there
    ///     is;
    ///   - it is to be in a range that is empty, not one of whole chunks, or not part of what there is; or
    ///     that is smaller than `min_block_size`, or where the size is;
    ///   - the size is that of the range, or all there is, and one of its ends is not aligned to
    ///     `min_block_size`;
    ///   - otherwise, if it is 2^32 chunks or more, rounded up: to a multiple of `min_block_size`, or
    ///     to a power of two if the blocks are to be contiguous.
    /// - `ENOSPC` when there is not enough left; contiguous in a range that is larger, when there is no one
    ///   block of the size rounded up to a power of two.
    /// - `ENOMEM` without memory, for all of a range; else C says `ENOSPC`, or tries smaller blocks. Linux
    ///   7.2's C code does not survive that where it splits a block: it gives back one that is in the tree of
    ///   the free ones, which is linked twice, or freed there. It takes a process that the OOM killer has
    ///   chosen, with the reserves used up, or injected failures.
    pub fn alloc_blocks(
        &self,
        mode: GpuBuddyAllocMode,
        size: u64,
        min_block_size: Alignment,
        flags: impl Into<GpuBuddyAllocFlags>,
    ) -> impl PinInit<AllocatedBlocks, Error> {
        let min_block_size = min_block_size.as_usize() as u64;
        let request = Inner::request(&self.0, &mode, size, min_block_size, flags.into());
        AllocatedBlocks::new(request)
    }
}
