// SPDX-License-Identifier: GPL-2.0

//! Tests of pools of ids.

#[crate::macros::kunit_tests(rust_id_pool)]
mod cases {
    use crate::{
        bitmap::BitmapVec,
        id_pool::{IdPool, PoolResizer},
        prelude::*,
    };

    const LEAST: usize = BitmapVec::MAX_INLINE_LEN;

    fn take(pool: &mut IdPool, offset: usize) -> Option<usize> {
        Some(pool.find_unused_id(offset)?.acquire())
    }

    fn found(pool: &mut IdPool, offset: usize) -> Option<usize> {
        Some(pool.find_unused_id(offset)?.as_usize())
    }

    fn full(capacity: usize) -> Result<IdPool> {
        let mut pool = IdPool::with_capacity(capacity, GFP_KERNEL)?;
        for id in 0..capacity {
            assert_eq!(take(&mut pool, 0), Some(id));
        }
        Ok(pool)
    }

    fn larger(pool: &IdPool) -> Result<PoolResizer> {
        Ok(pool.grow_request().ok_or(ENOSPC)?.realloc(GFP_KERNEL)?)
    }

    fn smaller(pool: &IdPool) -> Result<PoolResizer> {
        Ok(pool.shrink_request().ok_or(EBUSY)?.realloc(GFP_KERNEL)?)
    }

    #[test]
    fn capacities() -> Result {
        assert_eq!(IdPool::new().capacity(), LEAST);
        assert_eq!(IdPool::default().capacity(), LEAST);
        for (asked, given) in [
            (0, LEAST),
            (1, LEAST),
            (LEAST - 1, LEAST),
            (LEAST, LEAST),
            (LEAST + 1, LEAST + 1),
            (1000, 1000),
        ] {
            let pool = IdPool::with_capacity(asked, GFP_KERNEL)?;
            assert_eq!(pool.capacity(), given);
        }
        Ok(())
    }

    #[test]
    fn no_pool_of_too_many() {
        for capacity in [BitmapVec::MAX_LEN + 1, usize::MAX] {
            assert!(IdPool::with_capacity(capacity, GFP_KERNEL).is_err());
        }
    }

    #[test]
    fn smallest_first() -> Result {
        let mut pool = full(LEAST)?;
        for id in [40, 7, 63, 0] {
            pool.release_id(id);
        }
        for id in [0, 7, 40, 63] {
            assert_eq!(take(&mut pool, 0), Some(id));
        }
        assert_eq!(take(&mut pool, 0), None);
        Ok(())
    }

    #[test]
    fn from_an_offset() {
        let mut pool = IdPool::new();
        assert_eq!(take(&mut pool, 10), Some(10));
        assert_eq!(take(&mut pool, 10), Some(11));
        assert_eq!(take(&mut pool, 0), Some(0));
        assert_eq!(take(&mut pool, LEAST - 1), Some(LEAST - 1));
        assert_eq!(take(&mut pool, LEAST - 1), None);
        for offset in [LEAST, LEAST + 1, usize::MAX] {
            assert_eq!(take(&mut pool, offset), None);
        }
        assert_eq!(take(&mut pool, 0), Some(1));
    }

    #[test]
    fn found_is_not_taken() {
        let mut pool = IdPool::new();
        for _ in 0..3 {
            assert_eq!(found(&mut pool, 5), Some(5));
        }
        assert_eq!(take(&mut pool, 5), Some(5));
        assert_eq!(found(&mut pool, 5), Some(6));
    }

    #[test]
    fn both_widths_agree() -> Result {
        let mut pool = full(100)?;
        pool.release_id(99);
        let id = pool.find_unused_id(0).ok_or(ENOSPC)?;
        assert_eq!(id.as_u32(), 99);
        assert_eq!(id.as_usize(), 99);
        assert_eq!(id.acquire(), 99);
        Ok(())
    }

    #[test]
    fn released_twice() {
        let mut pool = IdPool::new();
        assert_eq!(take(&mut pool, 0), Some(0));
        pool.release_id(0);
        pool.release_id(0);
        pool.release_id(5);
        assert_eq!(take(&mut pool, 0), Some(0));
        assert_eq!(take(&mut pool, 5), Some(5));
    }

    #[cfg(not(CONFIG_RUST_BITMAP_HARDENED))]
    #[test]
    fn released_out_of_range() -> Result {
        let mut pool = full(LEAST)?;
        for id in [LEAST, LEAST + 1, usize::MAX] {
            pool.release_id(id);
        }
        assert_eq!(found(&mut pool, 0), None);
        assert_eq!(pool.capacity(), LEAST);
        Ok(())
    }

    #[test]
    fn growing_keeps_what_is_taken() -> Result {
        let mut pool = full(LEAST)?;
        pool.release_id(3);
        let resizer = larger(&pool)?;
        pool.grow(resizer);
        assert_eq!(pool.capacity(), 2 * LEAST);
        assert_eq!(take(&mut pool, 0), Some(3));
        assert_eq!(take(&mut pool, 0), Some(LEAST));
        Ok(())
    }

    #[test]
    fn growing_from_odd_sizes() -> Result {
        for capacity in [LEAST + 1, 100, 1000] {
            let mut pool = full(capacity)?;
            let resizer = larger(&pool)?;
            pool.grow(resizer);
            assert_eq!(pool.capacity(), 2 * capacity);
            for id in capacity..2 * capacity {
                assert_eq!(take(&mut pool, 0), Some(id));
            }
            assert_eq!(take(&mut pool, 0), None);
        }
        Ok(())
    }

    #[test]
    fn growing_by_two_at_once() -> Result {
        let mut pool = full(LEAST)?;
        let (first, second) = (larger(&pool)?, larger(&pool)?);
        pool.grow(first);
        assert_eq!(take(&mut pool, 0), Some(LEAST));
        // The memory is of the size that the pool has by now: it is not taken.
        pool.grow(second);
        assert_eq!(pool.capacity(), 2 * LEAST);
        assert_eq!(take(&mut pool, 0), Some(LEAST + 1));
        Ok(())
    }

    #[test]
    fn growing_goes_on() -> Result {
        let mut pool = IdPool::new();
        for doubled in 1..8 {
            let resizer = larger(&pool)?;
            pool.grow(resizer);
            assert_eq!(pool.capacity(), LEAST << doubled);
        }
        assert_eq!(take(&mut pool, (LEAST << 7) - 1), Some((LEAST << 7) - 1));
        Ok(())
    }

    #[test]
    fn shrinking_waits_for_the_first_quarter() -> Result {
        let capacity = 4 * LEAST;
        let mut pool = IdPool::with_capacity(capacity, GFP_KERNEL)?;
        assert_eq!(take(&mut pool, capacity / 4), Some(capacity / 4));
        assert!(pool.shrink_request().is_none());
        pool.release_id(capacity / 4);
        assert_eq!(take(&mut pool, capacity / 4 - 1), Some(capacity / 4 - 1));
        let resizer = smaller(&pool)?;
        pool.shrink(resizer);
        assert_eq!(pool.capacity(), capacity / 2);
        assert_eq!(found(&mut pool, capacity / 4 - 1), Some(capacity / 4));
        Ok(())
    }

    #[test]
    fn an_empty_pool_shrinks_at_once() -> Result {
        let mut pool = IdPool::with_capacity(100 * LEAST, GFP_KERNEL)?;
        let resizer = smaller(&pool)?;
        pool.shrink(resizer);
        assert_eq!(pool.capacity(), LEAST);
        assert!(pool.shrink_request().is_none());
        assert_eq!(take(&mut pool, 0), Some(0));
        Ok(())
    }

    #[test]
    fn never_below_the_least() -> Result {
        assert!(IdPool::new().shrink_request().is_none());
        let mut pool = IdPool::with_capacity(LEAST + 4, GFP_KERNEL)?;
        assert_eq!(take(&mut pool, 0), Some(0));
        let resizer = smaller(&pool)?;
        pool.shrink(resizer);
        assert_eq!(pool.capacity(), LEAST);
        assert_eq!(take(&mut pool, 0), Some(1));
        Ok(())
    }

    #[test]
    fn shrinking_too_late() -> Result {
        let mut pool = IdPool::with_capacity(4 * LEAST, GFP_KERNEL)?;
        let resizer = smaller(&pool)?;
        assert_eq!(take(&mut pool, LEAST), Some(LEAST));
        pool.shrink(resizer);
        assert_eq!(pool.capacity(), 4 * LEAST);
        assert_eq!(found(&mut pool, LEAST), Some(LEAST + 1));
        Ok(())
    }

    #[test]
    fn shrinking_by_two_at_once() -> Result {
        let mut pool = IdPool::with_capacity(8 * LEAST, GFP_KERNEL)?;
        assert_eq!(take(&mut pool, 5), Some(5));
        let (first, second) = (smaller(&pool)?, smaller(&pool)?);
        pool.shrink(first);
        pool.shrink(second);
        assert_eq!(pool.capacity(), 4 * LEAST);
        assert_eq!(found(&mut pool, 5), Some(6));
        Ok(())
    }

    /// The last id that has a place, and the first that has none.
    #[test]
    fn shrinking_to_the_last_id() -> Result {
        for (last, capacity) in [(LEAST - 1, LEAST), (LEAST, 2 * LEAST)] {
            let mut pool = IdPool::with_capacity(2 * LEAST, GFP_KERNEL)?;
            let resizer = smaller(&pool)?;
            assert_eq!(take(&mut pool, last), Some(last));
            pool.shrink(resizer);
            assert_eq!(pool.capacity(), capacity);
            pool.release_id(last);
            assert_eq!(found(&mut pool, last), Some(last));
        }
        Ok(())
    }

    /// Memory of another pool is as good, and brings none of its ids along.
    #[test]
    fn memory_of_another_pool() -> Result {
        let other = full(LEAST)?;
        let mut pool = IdPool::new();
        assert_eq!(take(&mut pool, 1), Some(1));
        pool.grow(larger(&other)?);
        assert_eq!(pool.capacity(), 2 * LEAST);
        assert_eq!(take(&mut pool, 0), Some(0));
        assert_eq!(take(&mut pool, 0), Some(2));
        // What is meant for one direction does not go in the other.
        pool.shrink(larger(&pool)?);
        assert_eq!(pool.capacity(), 2 * LEAST);
        let small = IdPool::with_capacity(4 * LEAST, GFP_KERNEL)?;
        pool.grow(smaller(&small)?);
        assert_eq!(pool.capacity(), 2 * LEAST);
        Ok(())
    }

    /// Random steps, beside a list of what is handed out.
    #[test]
    fn agrees_with_a_list() -> Result {
        let mut pool = IdPool::new();
        let mut taken: KVec<bool> = KVec::new();
        let mut dice = 1u64;
        for step in 0..4000usize {
            dice = dice.wrapping_mul(6364136223846793005).wrapping_add(1);
            let roll = (dice >> 33) as usize;
            // Fill in the first half, drain in the second.
            let fill = if step < 2000 { 7 } else { 3 };
            if roll % 10 < fill {
                let expected = taken.iter().position(|used| !used).unwrap_or(taken.len());
                let id = match take(&mut pool, 0) {
                    Some(id) => id,
                    None => {
                        let resizer = larger(&pool)?;
                        pool.grow(resizer);
                        take(&mut pool, 0).ok_or(ENOSPC)?
                    }
                };
                assert_eq!(id, expected);
                if id == taken.len() {
                    taken.push(false, GFP_KERNEL)?;
                }
                taken[id] = true;
            } else if !taken.is_empty() {
                let id = roll / 10 % taken.len();
                pool.release_id(id);
                taken[id] = false;
                if let Some(request) = pool.shrink_request() {
                    pool.shrink(request.realloc(GFP_KERNEL)?);
                }
            }
            let last = taken.iter().rposition(|used| *used);
            assert!(last.is_none_or(|last| last < pool.capacity()));
        }
        // All the rest, and back to the least.
        for id in 0..taken.len().min(pool.capacity()) {
            pool.release_id(id);
        }
        if let Ok(resizer) = smaller(&pool) {
            pool.shrink(resizer);
        }
        assert_eq!(pool.capacity(), LEAST);
        assert_eq!(found(&mut pool, 0), Some(0));
        Ok(())
    }
}
