// SPDX-License-Identifier: GPL-2.0

//! What was allocated.

use super::{Inner, Request};
use crate::{
    bindings,
    interop::list::{CList, CListHead, CListIter},
    prelude::*,
    sync::Arc,
    types::Opaque,
};
use core::{iter::FusedIterator, mem::offset_of};

/// A block of C's.
///
/// # Invariants
///
/// It is allocated: C does not change its header, nor its link.
#[repr(transparent)]
struct Block(Opaque<bindings::gpu_buddy_block>);

/// Where the link of a block is.
const LINK: usize = offset_of!(bindings::gpu_buddy_block, __bindgen_anon_1.link);

/// Blocks that were allocated, which are given back when this is dropped.
///
/// They stay with the allocator, which this has a reference to. The drop may sleep.
///
/// # Examples
///
/// ```
/// use kernel::{
///     gpu::buddy::{AllocatedBlocks, GpuBuddy, GpuBuddyAllocFlags, GpuBuddyAllocMode, GpuBuddyParams},
///     ptr::Alignment,
///     sizes::*,
/// };
///
/// /// What a driver has for a buffer.
/// #[pin_data]
/// struct Buffer {
///     #[pin]
///     place: AllocatedBlocks,
/// }
///
/// let chunk_size = Alignment::new::<SZ_4K>();
/// let params = GpuBuddyParams { base_offset: 0, size: SZ_1M as u64, chunk_size };
/// let vram = GpuBuddy::new(params)?;
/// let place = vram.alloc_blocks(
///     GpuBuddyAllocMode::Simple,
///     3 * SZ_4K as u64,
///     chunk_size,
///     GpuBuddyAllocFlags::default(),
/// );
/// let buffer = KBox::pin_init(try_pin_init!(Buffer { place <- place }? Error), GFP_KERNEL)?;
///
/// // Three chunks do not make up one block.
/// let sizes = || buffer.place.iter().map(|block| block.size());
/// assert_eq!(sizes().count(), 2);
/// assert_eq!(sizes().sum::<u64>(), 3 * SZ_4K as u64);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `list` has blocks that are allocated from `buddy`. They are in no other list, and nobody else uses them.
#[pin_data(PinnedDrop)]
pub struct AllocatedBlocks {
    buddy: Arc<Inner>,
    #[pin]
    list: CListHead,
    cleared: bool,
}

impl AllocatedBlocks {
    pub(super) fn new(request: Result<Request>) -> impl PinInit<Self, Error> {
        // INVARIANT: All that C adds to the list is newly allocated. In case of an error that is nothing, so
        // that it does not matter that nothing is freed then.
        try_pin_init!(Self {
            list <- CListHead::new(),
            buddy: {
                let request = request?;
                // SAFETY: The allocator is the request's.
                unsafe { request.buddy.lock().alloc(&request, &list) }?;
                request.buddy
            },
            cleared: false,
        })
    }

    /// Whether there are no blocks. There is at least one.
    pub fn is_empty(&self) -> bool {
        !self.list.is_linked()
    }

    /// Goes through the blocks, in the order in which C has allocated them.
    ///
    /// Those that are contiguous go up.
    pub fn iter(&self) -> AllocatedBlocksIter<'_> {
        // SAFETY: By the type invariants these are all blocks of the list; nobody changes the list, or gives
        // them back, while this is borrowed.
        let list = unsafe { CList::<Block, LINK>::from_raw(self.list.as_raw()) };
        AllocatedBlocksIter {
            blocks: list.iter(),
            buddy: &self.buddy,
        }
    }

    /// Says whether what is at these offsets will have been cleared by the time this is dropped.
    ///
    /// Then the blocks are given back as such, for who asks for them with
    /// [`Clear`](super::GpuBuddyAllocFlag::Clear). As long as nobody says so, they are given back as not
    /// cleared.
    pub fn set_cleared(self: Pin<&mut Self>, cleared: bool) {
        *self.project().cleared = cleared;
    }
}

impl<'a> IntoIterator for &'a AllocatedBlocks {
    type Item = AllocatedBlock<'a>;
    type IntoIter = AllocatedBlocksIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[pinned_drop]
impl PinnedDrop for AllocatedBlocks {
    fn drop(self: Pin<&mut Self>) {
        let locked = self.buddy.lock();
        // SAFETY: By the type invariants they are from there, and nobody else uses them.
        unsafe { locked.free(&self.list, self.cleared) };
    }
}

/// An iterator over blocks that were allocated.
///
/// See [`AllocatedBlocks::iter`].
///
/// # Examples
///
/// ```
/// use kernel::gpu::buddy::AllocatedBlocksIter;
///
/// fn bytes(blocks: AllocatedBlocksIter<'_>) -> u64 {
///     blocks.map(|block| block.size()).sum()
/// }
/// ```
pub struct AllocatedBlocksIter<'a> {
    blocks: CListIter<'a, Block, LINK>,
    buddy: &'a Inner,
}

impl<'a> Iterator for AllocatedBlocksIter<'a> {
    type Item = AllocatedBlock<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.blocks.next()?;
        Some(AllocatedBlock {
            block,
            buddy: self.buddy,
        })
    }
}

impl FusedIterator for AllocatedBlocksIter<'_> {}

/// A block that was allocated.
///
/// C counterpart: [`struct gpu_buddy_block`](srctree/include/linux/gpu_buddy.h).
///
/// # Examples
///
/// ```
/// use kernel::gpu::buddy::AllocatedBlock;
///
/// fn end(block: &AllocatedBlock<'_>) -> u64 {
///     block.offset() + block.size()
/// }
/// ```
///
/// # Invariants
///
/// The block is one of `buddy`.
pub struct AllocatedBlock<'a> {
    block: &'a Block,
    buddy: &'a Inner,
}

impl AllocatedBlock<'_> {
    /// Where it begins, in bytes: counted from zero, not from the base offset.
    ///
    /// C counterpart: `gpu_buddy_block_offset()`.
    pub fn offset(&self) -> u64 {
        // SAFETY: It is initialised, and by its type invariants C does not write to the header.
        let offset = unsafe { bindings::gpu_buddy_block_offset(self.block.0.get()) };
        self.buddy.base_offset + offset
    }

    /// Its size, in bytes: a power of two.
    ///
    /// C counterpart: `gpu_buddy_block_size()`.
    pub fn size(&self) -> u64 {
        let block = self.block.0.get();
        // SAFETY: Both are initialised. C does not write to the header of the block, by its type invariants,
        // nor to the size of a chunk, by those of the allocator.
        unsafe { bindings::gpu_buddy_block_size(self.buddy.inner.get(), block) }
    }

    /// Whether it was given back as [cleared](AllocatedBlocks::set_cleared) by who had it before.
    ///
    /// C counterpart: `gpu_buddy_block_is_clear()`.
    pub fn is_clear(&self) -> bool {
        // SAFETY: It is initialised, and by its type invariants C does not write to the header.
        unsafe { bindings::gpu_buddy_block_is_clear(self.block.0.get()) }
    }
}
