// SPDX-License-Identifier: GPL-2.0

//! Pools of small numbers that are handed out and come back.
//!
//! An [`IdPool`] always gives the smallest number that is free, and takes a bit of memory for each. It
//! grows and shrinks without an allocation under the lock that protects it: the pool says what it
//! wants ([`grow_request`], [`shrink_request`]), the caller gives the lock up, allocates
//! ([`ReallocRequest::realloc`]), takes the lock again, and hands in the outcome ([`grow`], [`shrink`]).
//! When somebody else was faster, the memory is freed, and no harm is done.
//!
//! C counterpart: [`drivers/android/dbitmap.h`](srctree/drivers/android/dbitmap.h)
//!
//! # Examples
//!
//! Ids from a pool behind a spinlock:
//!
//! ```
//! use kernel::{id_pool::IdPool, new_spinlock, sync::SpinLock};
//!
//! fn take(pool: &SpinLock<IdPool>) -> Result<usize> {
//!     let mut guard = pool.lock();
//!     loop {
//!         if let Some(id) = guard.find_unused_id(0) {
//!             return Ok(id.acquire());
//!         }
//!         let request = guard.grow_request().ok_or(ENOSPC)?;
//!         drop(guard);
//!         let resizer = request.realloc(GFP_KERNEL)?;
//!         guard = pool.lock();
//!         guard.grow(resizer);
//!     }
//! }
//!
//! fn give_back(pool: &SpinLock<IdPool>, id: usize) {
//!     let mut guard = pool.lock();
//!     guard.release_id(id);
//!     if let Some(request) = guard.shrink_request() {
//!         drop(guard);
//!         // Without memory, the pool stays as large as it is.
//!         if let Ok(resizer) = request.realloc(GFP_KERNEL) {
//!             pool.lock().shrink(resizer);
//!         }
//!     }
//! }
//!
//! let pool = KBox::pin_init(new_spinlock!(IdPool::new()), GFP_KERNEL)?;
//! for expected in 0..100 {
//!     assert_eq!(take(&pool)?, expected);
//! }
//! give_back(&pool, 42);
//! assert_eq!(take(&pool)?, 42);
//! (0..100).for_each(|id| give_back(&pool, id));
//! assert_eq!(pool.lock().capacity(), IdPool::new().capacity());
//! # Ok::<(), Error>(())
//! ```
//!
//! [`grow_request`]: IdPool::grow_request
//! [`shrink_request`]: IdPool::shrink_request
//! [`grow`]: IdPool::grow
//! [`shrink`]: IdPool::shrink

use crate::{
    alloc::{AllocError, Flags},
    bitmap::BitmapVec,
};

#[cfg(CONFIG_KUNIT = "y")]
mod tests;

/// A pool of the numbers from 0 on, as many as its [capacity](Self::capacity).
///
/// # Examples
///
/// ```
/// use kernel::id_pool::IdPool;
///
/// let mut pool = IdPool::new();
/// let first = pool.find_unused_id(0).ok_or(ENOSPC)?.acquire();
/// let second = pool.find_unused_id(0).ok_or(ENOSPC)?.acquire();
/// assert_eq!((first, second), (0, 1));
///
/// // What was found and not acquired is found again.
/// assert_eq!(pool.find_unused_id(0).map(|id| id.as_usize()), Some(2));
/// assert_eq!(pool.find_unused_id(0).map(|id| id.as_usize()), Some(2));
///
/// pool.release_id(first);
/// assert_eq!(pool.find_unused_id(0).map(|id| id.as_usize()), Some(0));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The capacity, which is the length of `used`, is from [`BitmapVec::MAX_INLINE_LEN`] to
/// [`BitmapVec::MAX_LEN`].
pub struct IdPool {
    /// The ids that are handed out.
    used: BitmapVec,
}

/// The wish of a pool for memory of another size.
///
/// # Examples
///
/// ```
/// use kernel::id_pool::IdPool;
///
/// let mut pool = IdPool::new();
/// let request = pool.grow_request().ok_or(ENOSPC)?;
/// pool.grow(request.realloc(GFP_KERNEL)?);
/// assert_eq!(pool.capacity(), 2 * IdPool::new().capacity());
/// # Ok::<(), Error>(())
/// ```
pub struct ReallocRequest {
    capacity: usize,
}

impl ReallocRequest {
    /// Allocates the memory.
    ///
    /// Sleeps or not as `flags` say; needs nothing of the pool, so no lock either.
    ///
    /// # Errors
    ///
    /// If there is no memory.
    pub fn realloc(&self, flags: Flags) -> Result<PoolResizer, AllocError> {
        let used = BitmapVec::new(self.capacity, flags)?;
        // INVARIANT: A new bitmap has no bit set.
        Ok(PoolResizer { used })
    }
}

/// Memory for a pool of another size, for [`IdPool::grow`] or [`IdPool::shrink`].
///
/// One that is not wanted any more may be dropped.
///
/// # Examples
///
/// ```
/// use kernel::id_pool::IdPool;
///
/// let mut pool = IdPool::with_capacity(1024, GFP_KERNEL)?;
/// let request = pool.shrink_request().ok_or(EBUSY)?;
/// let resizer = request.realloc(GFP_KERNEL)?;
/// // Meanwhile, somebody takes an id that has no place in there.
/// let id = pool.find_unused_id(1000).ok_or(ENOSPC)?.acquire();
/// pool.shrink(resizer);
/// assert_eq!(pool.capacity(), 1024);
/// # pool.release_id(id);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// No bit of `used` is set.
pub struct PoolResizer {
    used: BitmapVec,
}

/// A free id, which is handed out when it is [acquired](Self::acquire), and stays free if it is not.
///
/// It borrows the pool, so nobody else can take the same id in between. That leaves time to find out
/// whether it is wanted.
///
/// # Examples
///
/// ```
/// use kernel::id_pool::IdPool;
///
/// let mut pool = IdPool::new();
/// let id = pool.find_unused_id(1).ok_or(ENOSPC)?;
/// assert_eq!(id.as_usize(), 1);
/// assert_eq!(id.as_u32(), 1);
/// assert_eq!(id.acquire(), 1);
/// assert_eq!(pool.find_unused_id(1).map(|id| id.as_usize()), Some(2));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `id` is below the capacity of `pool`, and not handed out.
#[must_use = "the id stays free unless it is acquired"]
pub struct UnusedId<'pool> {
    id: usize,
    pool: &'pool mut IdPool,
}

impl<'pool> UnusedId<'pool> {
    /// Returns the number; it is not handed out yet.
    #[inline]
    pub fn as_usize(&self) -> usize {
        self.id
    }

    /// Returns the number; it is not handed out yet. It always fits.
    #[inline]
    pub fn as_u32(&self) -> u32 {
        const { assert!(BitmapVec::MAX_LEN <= u32::MAX as usize) };
        // By the invariants of the types it is below `MAX_LEN`.
        self.id as u32
    }

    /// Takes the id from the pool, until [`IdPool::release_id`].
    pub fn acquire(self) -> usize {
        self.pool.used.set_bit(self.id);
        self.id
    }
}

impl IdPool {
    /// Makes a pool without an allocation; its capacity is that of a word, [`BitmapVec::MAX_INLINE_LEN`].
    pub fn new() -> Self {
        // INVARIANT: That is the smallest capacity.
        Self {
            used: BitmapVec::new_inline(),
        }
    }

    /// Makes a pool of at least `num_ids` ids.
    ///
    /// The capacity is that, or that of [`new`](Self::new) if it is more.
    ///
    /// # Errors
    ///
    /// If there is no memory, or if `num_ids` exceeds [`BitmapVec::MAX_LEN`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::id_pool::IdPool;
    ///
    /// assert_eq!(IdPool::with_capacity(1000, GFP_KERNEL)?.capacity(), 1000);
    /// assert_eq!(IdPool::with_capacity(0, GFP_KERNEL)?.capacity(), IdPool::new().capacity());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn with_capacity(num_ids: usize, flags: Flags) -> Result<Self, AllocError> {
        let capacity = num_ids.max(BitmapVec::MAX_INLINE_LEN);
        // INVARIANT: Not below the smallest capacity, and no bitmap is longer than `MAX_LEN`.
        Ok(Self {
            used: BitmapVec::new(capacity, flags)?,
        })
    }

    /// Returns how many ids there are, those that are handed out included.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.used.len()
    }

    /// Searches for the smallest free id that is at least `offset`.
    ///
    /// Returns `None` when there is none below the capacity: then [`grow_request`](Self::grow_request)
    /// is next.
    pub fn find_unused_id(&mut self, offset: usize) -> Option<UnusedId<'_>> {
        // Not a mistake here, as it would be to a bitmap: the pool may grow to it.
        if offset >= self.capacity() {
            return None;
        }
        let id = self.used.next_zero_bit(offset)?;
        // INVARIANT: A bit that was found is in range, and clear, and `self` is borrowed.
        Some(UnusedId { id, pool: self })
    }

    /// Takes an id back.
    ///
    /// One that is not handed out stays free.
    ///
    /// # Panics
    ///
    /// With `CONFIG_RUST_BITMAP_HARDENED`, when `id` is not below the capacity; without, nothing is done
    /// then but to log an error. A pool does not shrink below an id that is handed out.
    #[track_caller]
    pub fn release_id(&mut self, id: usize) {
        self.used.clear_bit(id);
    }

    /// Asks for memory for twice as many ids, or returns `None` when there can't be more.
    pub fn grow_request(&self) -> Option<ReallocRequest> {
        let capacity = (2 * self.capacity()).min(BitmapVec::MAX_LEN);
        (capacity > self.capacity()).then_some(ReallocRequest { capacity })
    }

    /// Grows the pool to the size that was asked for.
    ///
    /// If it has become as large by now, nothing changes, and the memory is freed.
    pub fn grow(&mut self, resizer: PoolResizer) {
        if resizer.used.len() > self.capacity() {
            self.replace(resizer);
        }
    }

    /// Asks for less memory, or returns `None` when that does not pay.
    ///
    /// It pays when all ids that are handed out lie in the first quarter: then half the capacity is
    /// enough, and leaves room to grow. When none is handed out, the smallest capacity is.
    pub fn shrink_request(&self) -> Option<ReallocRequest> {
        let capacity = match self.used.last_bit() {
            Some(last) if last >= self.capacity() / 4 => return None,
            Some(_) => (self.capacity() / 2).max(BitmapVec::MAX_INLINE_LEN),
            None => BitmapVec::MAX_INLINE_LEN,
        };
        (capacity < self.capacity()).then_some(ReallocRequest { capacity })
    }

    /// Shrinks the pool to the size that was asked for.
    ///
    /// If ids were handed out meanwhile that would have no place, or the pool has become as small by
    /// now, nothing changes, and the memory is freed.
    pub fn shrink(&mut self, resizer: PoolResizer) {
        let needed = self.used.last_bit().map_or(0, |last| last + 1);
        if (needed..self.capacity()).contains(&resizer.used.len()) {
            self.replace(resizer);
        }
    }

    /// Moves to another bitmap, which has a place for each id that is handed out.
    fn replace(&mut self, resizer: PoolResizer) {
        let PoolResizer { mut used } = resizer;
        used.copy_what_fits(&self.used);
        // INVARIANT: Requests are for capacities in that range only.
        self.used = used;
    }
}

impl Default for IdPool {
    /// Makes a pool without an allocation: [`IdPool::new`].
    fn default() -> Self {
        Self::new()
    }
}
