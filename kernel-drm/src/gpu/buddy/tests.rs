// SPDX-License-Identifier: GPL-2.0

//! What the allocator gives, and what it refuses.

use super::*;

const CHUNK: u64 = 4096;
const MIB: u64 = 1 << 20;

/// An alignment of so many bytes.
fn align(bytes: u64) -> Result<Alignment> {
    let bytes = usize::try_from(bytes).map_err(|_| EOVERFLOW)?;
    Alignment::new_checked(bytes).ok_or(EINVAL)
}

fn buddy(base_offset: u64, size: u64) -> Result<GpuBuddy> {
    GpuBuddy::new(GpuBuddyParams {
        base_offset,
        size,
        chunk_size: align(CHUNK)?,
    })
}

fn none() -> GpuBuddyAllocFlags {
    GpuBuddyAllocFlags::default()
}

/// Allocates into a box.
fn alloc(
    buddy: &GpuBuddy,
    mode: GpuBuddyAllocMode,
    size: u64,
    min_block_size: u64,
    flags: impl Into<GpuBuddyAllocFlags>,
) -> Result<Pin<KBox<AllocatedBlocks>>> {
    let blocks = buddy.alloc_blocks(mode, size, align(min_block_size)?, flags);
    KBox::pin_init(blocks, GFP_KERNEL)
}

/// The error, if it is one.
fn error(result: Result<Pin<KBox<AllocatedBlocks>>>) -> Option<Error> {
    result.err()
}

/// The offset and the size of what is contiguous and goes up, or an error if it does not.
fn extent(blocks: &AllocatedBlocks) -> Result<(u64, u64)> {
    let mut start = None;
    let mut end = 0;
    for block in blocks {
        if start.is_none() {
            start = Some(block.offset());
        } else if block.offset() != end {
            return Err(EIO);
        }
        end = block.offset() + block.size();
    }
    let start = start.ok_or(EIO)?;
    Ok((start, end - start))
}

#[crate::macros::kunit_tests(rust_gpu_buddy)]
mod cases {
    use super::*;

    #[test]
    fn all_of_it_and_back() -> Result {
        // Not a power of two, and with a part of a chunk.
        let buddy = buddy(0, 7 * MIB + 5)?;
        assert_eq!(buddy.size(), 7 * MIB);
        assert_eq!(buddy.avail(), 7 * MIB);
        for mode in [
            GpuBuddyAllocMode::Simple,
            GpuBuddyAllocMode::TopDown,
            GpuBuddyAllocMode::Range(0..7 * MIB),
        ] {
            let blocks = alloc(&buddy, mode, 7 * MIB, CHUNK, none())?;
            assert!(!blocks.is_empty());
            assert_eq!(extent(&blocks)?, (0, 7 * MIB));
            assert_eq!(buddy.avail(), 0);
            let more = alloc(&buddy, GpuBuddyAllocMode::Simple, CHUNK, CHUNK, none());
            assert_eq!(error(more), Some(ENOSPC));
            drop(blocks);
            assert_eq!(buddy.avail(), 7 * MIB);
        }
        Ok(())
    }

    #[test]
    fn chunk_by_chunk_until_there_is_none() -> Result {
        let buddy = buddy(3 * MIB, 16 * CHUNK)?;
        let mut all = KVec::new();
        let mut seen = 0u32;
        for _ in 0..16 {
            let blocks = alloc(&buddy, GpuBuddyAllocMode::Simple, CHUNK, CHUNK, none())?;
            let (offset, size) = extent(&blocks)?;
            assert_eq!(size, CHUNK);
            // Each of them once.
            let bit = 1u32 << ((offset - 3 * MIB) / CHUNK);
            assert_eq!(seen & bit, 0);
            seen |= bit;
            all.push(blocks, GFP_KERNEL)?;
        }
        assert_eq!(seen, 0xffff);
        let more = alloc(&buddy, GpuBuddyAllocMode::Simple, CHUNK, CHUNK, none());
        assert_eq!(error(more), Some(ENOSPC));
        // Every other one.
        let mut kept = KVec::new();
        let mut index = 0;
        while let Some(blocks) = all.pop() {
            if index % 2 == 0 {
                kept.push(blocks, GFP_KERNEL)?;
            }
            index += 1;
        }
        assert_eq!(buddy.avail(), 8 * CHUNK);
        // In pieces it is there, in one piece it is not.
        let flag = GpuBuddyAllocFlag::Contiguous;
        drop(alloc(
            &buddy,
            GpuBuddyAllocMode::Simple,
            8 * CHUNK,
            CHUNK,
            none(),
        )?);
        let one = alloc(&buddy, GpuBuddyAllocMode::Simple, 8 * CHUNK, CHUNK, flag);
        assert_eq!(error(one), Some(ENOSPC));
        assert_eq!(buddy.avail(), 8 * CHUNK);
        drop(kept);
        // Merged again.
        drop(alloc(
            &buddy,
            GpuBuddyAllocMode::Simple,
            8 * CHUNK,
            CHUNK,
            flag,
        )?);
        Ok(())
    }

    #[test]
    fn contiguous_in_a_range_is_one_block() -> Result {
        let flag = GpuBuddyAllocFlag::Contiguous;
        let even = buddy(0, 16 * CHUNK)?;
        // Rounded up it is not there in one block.
        let six = GpuBuddyAllocMode::Range(0..6 * CHUNK);
        assert_eq!(
            error(alloc(&even, six.clone(), 5 * CHUNK, CHUNK, flag)),
            Some(ENOSPC)
        );
        let ten = GpuBuddyAllocMode::Range(0..10 * CHUNK);
        let blocks = alloc(&even, ten, 5 * CHUNK, CHUNK, flag)?;
        assert_eq!(extent(&blocks)?, (0, 5 * CHUNK));
        // Rounded up it is more than there is.
        let odd = buddy(0, 7 * CHUNK)?;
        assert_eq!(
            error(alloc(&odd, six, 5 * CHUNK, CHUNK, flag)),
            Some(EINVAL)
        );
        Ok(())
    }

    #[test]
    fn where_it_is_asked_for() -> Result {
        let buddy = buddy(MIB, 4 * MIB)?;
        let top = alloc(&buddy, GpuBuddyAllocMode::TopDown, CHUNK, CHUNK, none())?;
        assert_eq!(extent(&top)?, (5 * MIB - CHUNK, CHUNK));
        let low = GpuBuddyAllocMode::Range(MIB..MIB + 8 * CHUNK);
        let first = alloc(&buddy, low.clone(), 6 * CHUNK, CHUNK, none())?;
        for block in first.iter() {
            assert!(block.offset() >= MIB && block.offset() + block.size() <= MIB + 8 * CHUNK);
        }
        // There are two left.
        assert_eq!(
            error(alloc(&buddy, low.clone(), 4 * CHUNK, CHUNK, none())),
            Some(ENOSPC)
        );
        let rest = alloc(&buddy, low.clone(), 2 * CHUNK, CHUNK, none())?;
        assert_eq!(
            error(alloc(&buddy, low, CHUNK, CHUNK, none())),
            Some(ENOSPC)
        );
        // Where there is something else.
        let taken = GpuBuddyAllocMode::Range(MIB + 4 * CHUNK..MIB + 12 * CHUNK);
        assert_eq!(
            error(alloc(&buddy, taken, 8 * CHUNK, CHUNK, none())),
            Some(ENOSPC)
        );
        // Exactly there.
        let exact = GpuBuddyAllocMode::Range(2 * MIB + CHUNK..2 * MIB + 4 * CHUNK);
        let exact = alloc(&buddy, exact, 3 * CHUNK, CHUNK, none())?;
        assert_eq!(extent(&exact)?, (2 * MIB + CHUNK, 3 * CHUNK));
        drop((first, rest, exact, top));
        assert_eq!(buddy.avail(), 4 * MIB);
        Ok(())
    }

    #[test]
    fn aligned_as_asked_for() -> Result {
        let buddy = buddy(0, 4 * MIB)?;
        // What makes the lowest and the highest of it odd.
        let low = GpuBuddyAllocMode::Range(0..CHUNK);
        let _low = alloc(&buddy, low, CHUNK, CHUNK, none())?;
        let _top = alloc(&buddy, GpuBuddyAllocMode::TopDown, CHUNK, CHUNK, none())?;
        for flags in [none(), GpuBuddyAllocFlag::Contiguous.into()] {
            for (size, min) in [
                (16 * CHUNK, 16 * CHUNK),
                // Larger than it is aligned to.
                (48 * CHUNK, 16 * CHUNK),
                // Smaller, a power of two or not.
                (CHUNK, 16 * CHUNK),
                (2 * CHUNK, 64 * CHUNK),
                (3 * CHUNK, 16 * CHUNK),
            ] {
                let blocks = alloc(&buddy, GpuBuddyAllocMode::Simple, size, min, flags)?;
                let mut sum = 0;
                for block in blocks.iter() {
                    sum += block.size();
                }
                assert_eq!(sum, size);
                let first = blocks.iter().next().ok_or(EIO)?;
                assert_eq!(first.offset() % min, 0);
                if !flags.is_empty() {
                    assert_eq!(extent(&blocks)?.1, size);
                }
            }
        }
        Ok(())
    }

    #[test]
    fn contiguous_of_odd_size() -> Result {
        let buddy = buddy(0, 8 * CHUNK)?;
        let flag = GpuBuddyAllocFlag::Contiguous;
        let blocks = alloc(&buddy, GpuBuddyAllocMode::Simple, 5 * CHUNK, CHUNK, flag)?;
        assert_eq!(extent(&blocks)?.1, 5 * CHUNK);
        // What it was rounded up by is there for others.
        assert_eq!(buddy.avail(), 3 * CHUNK);
        drop(blocks);
        let flags = flag | GpuBuddyAllocFlag::TrimDisable;
        let blocks = alloc(&buddy, GpuBuddyAllocMode::Simple, 5 * CHUNK, CHUNK, flags)?;
        assert_eq!(extent(&blocks)?, (0, 8 * CHUNK));
        assert_eq!(buddy.avail(), 0);
        drop(blocks);
        // With 6 of 8 there is no block of 8 any more, which 5 are rounded up to.
        let low = GpuBuddyAllocMode::Range(0..2 * CHUNK);
        let low = alloc(&buddy, low, 2 * CHUNK, CHUNK, none())?;
        let blocks = alloc(&buddy, GpuBuddyAllocMode::Simple, 5 * CHUNK, CHUNK, flag)?;
        assert_eq!(extent(&blocks)?.1, 5 * CHUNK);
        drop((low, blocks));
        assert_eq!(buddy.avail(), 8 * CHUNK);
        Ok(())
    }

    #[test]
    fn what_was_cleared_is_found_again() -> Result {
        let buddy = buddy(0, 8 * CHUNK)?;
        let mode = GpuBuddyAllocMode::Simple;
        let mut blocks = alloc(&buddy, mode.clone(), 2 * CHUNK, CHUNK, none())?;
        let place = extent(&blocks)?;
        for block in blocks.iter() {
            assert!(!block.is_clear());
        }
        blocks.as_mut().set_cleared(true);
        drop(blocks);
        assert_eq!(buddy.clear_avail(), 2 * CHUNK);
        // Others leave it alone.
        let other = alloc(&buddy, mode.clone(), 2 * CHUNK, CHUNK, none())?;
        assert!(extent(&other)? != place);
        let clear = alloc(
            &buddy,
            mode.clone(),
            2 * CHUNK,
            CHUNK,
            GpuBuddyAllocFlag::Clear,
        )?;
        assert_eq!(extent(&clear)?, place);
        for block in clear.iter() {
            assert!(block.is_clear());
        }
        assert_eq!(buddy.clear_avail(), 0);
        // Used by now.
        drop(clear);
        assert_eq!(buddy.clear_avail(), 0);
        drop(other);
        assert_eq!(buddy.avail(), 8 * CHUNK);
        Ok(())
    }

    #[test]
    fn cleared_and_not_are_merged_if_need_be() -> Result {
        let buddy = buddy(0, 16 * CHUNK)?;
        let low = GpuBuddyAllocMode::Range(0..8 * CHUNK);
        let low = alloc(&buddy, low, 8 * CHUNK, CHUNK, none())?;
        let mode = GpuBuddyAllocMode::Simple;
        let mut half = alloc(&buddy, mode.clone(), 4 * CHUNK, CHUNK, none())?;
        half.as_mut().set_cleared(true);
        drop(half);
        assert_eq!(buddy.clear_avail(), 4 * CHUNK);
        let one = alloc(&buddy, mode, 8 * CHUNK, 8 * CHUNK, none())?;
        assert_eq!(extent(&one)?, (8 * CHUNK, 8 * CHUNK));
        drop((low, one));
        assert_eq!(buddy.avail(), 16 * CHUNK);
        Ok(())
    }

    #[test]
    fn the_blocks_outlive_their_owner() -> Result {
        let buddy = buddy(0, MIB)?;
        let blocks = alloc(&buddy, GpuBuddyAllocMode::Simple, MIB / 2, CHUNK, none())?;
        drop(buddy);
        assert_eq!(extent(&blocks)?.1, MIB / 2);
        Ok(())
    }

    #[test]
    fn allocators_that_are_refused() -> Result {
        for (base_offset, size, chunk) in [
            (0, 0, CHUNK),
            (0, CHUNK - 1, CHUNK),
            (0, MIB, CHUNK / 2),
            (0, MIB, 1),
            (0, MIB, 2 * MIB),
            (0, MAX_SIZE + 1, CHUNK),
            (0, u64::MAX, CHUNK),
            (1, u64::MAX, CHUNK),
            (u64::MAX, CHUNK, CHUNK),
            (u64::MAX - MIB + 1, MIB, CHUNK),
        ] {
            let chunk_size = align(chunk)?;
            let made = GpuBuddy::new(GpuBuddyParams {
                base_offset,
                size,
                chunk_size,
            });
            assert_eq!(made.err(), Some(EINVAL));
        }
        // As far as it goes.
        let last = buddy(u64::MAX - MIB, MIB)?;
        let blocks = alloc(&last, GpuBuddyAllocMode::TopDown, CHUNK, CHUNK, none())?;
        assert_eq!(extent(&blocks)?, (u64::MAX - CHUNK, CHUNK));
        let large = buddy(MAX_SIZE - 1, MAX_SIZE)?;
        assert_eq!(large.avail(), MAX_SIZE);
        drop(alloc(
            &large,
            GpuBuddyAllocMode::Simple,
            MAX_SIZE,
            CHUNK,
            none(),
        )?);
        Ok(())
    }

    #[test]
    fn requests_that_are_refused() -> Result {
        use GpuBuddyAllocMode::{Range, Simple, TopDown};

        let buddy = buddy(MIB, 4 * MIB)?;
        let contiguous = GpuBuddyAllocFlag::Contiguous;
        let (start, end) = (2 * MIB, MIB);
        let backwards = Range(start..end);
        for (mode, size, min) in [
            (Simple, 0, CHUNK),
            (Simple, 1, CHUNK),
            (Simple, CHUNK + 1, CHUNK),
            (Simple, 4 * MIB + CHUNK, CHUNK),
            (TopDown, u64::MAX, CHUNK),
            (TopDown, !(CHUNK - 1), CHUNK),
            (Simple, CHUNK, CHUNK / 2),
            (Simple, CHUNK, 8 * MIB),
            (Range(0..CHUNK), CHUNK, CHUNK),
            (Range(MIB..MIB), CHUNK, CHUNK),
            (backwards, CHUNK, CHUNK),
            (Range(MIB..5 * MIB + CHUNK), CHUNK, CHUNK),
            (Range(MIB..u64::MAX), CHUNK, CHUNK),
            (Range(u64::MAX..u64::MAX), CHUNK, CHUNK),
            (Range(MIB..MIB + CHUNK), 2 * CHUNK, CHUNK),
            (Range(MIB + 1..2 * MIB), CHUNK, CHUNK),
            (Range(MIB..2 * MIB + 1), CHUNK, CHUNK),
            // C would not align it.
            (Range(MIB..2 * MIB), CHUNK, 2 * CHUNK),
            // Exact, but not aligned.
            (Range(MIB + CHUNK..MIB + 3 * CHUNK), 2 * CHUNK, 2 * CHUNK),
        ] {
            for flags in [none(), contiguous.into()] {
                let blocks = alloc(&buddy, mode.clone(), size, min, flags);
                assert_eq!(error(blocks), Some(EINVAL));
            }
        }
        assert_eq!(buddy.avail(), 4 * MIB);
        Ok(())
    }

    #[test]
    fn more_chunks_than_c_can_count() -> Result {
        let chunks = 1 << 32;
        let buddy = buddy(0, 4 * chunks * CHUNK)?;
        let mode = GpuBuddyAllocMode::Simple;
        for (size, min) in [
            (chunks * CHUNK, CHUNK),
            // In 32 bits, this would be one.
            ((chunks + 1) * CHUNK, CHUNK),
            (chunks * CHUNK - CHUNK, 2 * CHUNK),
        ] {
            let blocks = alloc(&buddy, mode.clone(), size, min, none());
            assert_eq!(error(blocks), Some(EINVAL));
        }
        let size = chunks * CHUNK - CHUNK;
        let blocks = alloc(
            &buddy,
            mode.clone(),
            size,
            CHUNK,
            GpuBuddyAllocFlag::Contiguous,
        );
        assert_eq!(error(blocks), Some(EINVAL));
        // One less is all right, and so is all of a range.
        let blocks = alloc(&buddy, mode.clone(), size, CHUNK, none())?;
        assert_eq!(buddy.avail(), buddy.size() - size);
        drop(blocks);
        drop(alloc(&buddy, mode, buddy.size(), CHUNK, none())?);
        assert_eq!(buddy.avail(), buddy.size());
        Ok(())
    }
}
