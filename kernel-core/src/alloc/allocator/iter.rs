// SPDX-License-Identifier: GPL-2.0

//! The pages of memory from [`Vmalloc`].

use super::Vmalloc;
use crate::page::{BorrowedPage, PAGE_SIZE};
use core::{marker::PhantomData, ptr::NonNull};

/// An iterator over the pages that back an allocation of [`Vmalloc`], in the order of addresses.
///
/// Code that holds a [`VBox`](super::super::VBox) or a [`VVec`](super::super::VVec) gets it from
/// [`AsPageIter`](crate::page::AsPageIter).
///
/// # Invariants
///
/// During `'a`, `start` is the beginning of an allocation of [`Vmalloc`] that is at least `size`
/// bytes long, unless `size` is zero.
///
/// # Examples
///
/// ```
/// use kernel::page::{AsPageIter, PAGE_SIZE};
///
/// let mut buffer = VBox::<[u8; 2 * PAGE_SIZE + 1]>::new_uninit(GFP_KERNEL)?;
/// let mut pages = buffer.page_iter();
///
/// assert_eq!(pages.size(), 2 * PAGE_SIZE + 1);
/// assert_eq!(pages.page_count(), 3);
///
/// let first = pages.next().ok_or(EINVAL)?.as_ptr();
/// let second = pages.next().ok_or(EINVAL)?.as_ptr();
/// assert_ne!(first, second);
/// assert_eq!(pages.count(), 1);
/// # Ok::<(), Error>(())
/// ```
pub struct VmallocPageIter<'a> {
    start: NonNull<u8>,
    size: usize,
    /// The offset from `start` of the next page to yield.
    offset: usize,
    _allocation: PhantomData<BorrowedPage<'a>>,
}

impl<'a> VmallocPageIter<'a> {
    /// Iterates over the pages of the `size` bytes at `buf`.
    ///
    /// # Safety
    ///
    /// Unless `size` is zero:
    ///
    /// - `buf` is the beginning of an allocation of [`Vmalloc`] of at least `size` bytes.
    /// - That allocation is neither freed nor reallocated during the lifetime `'a`.
    #[inline]
    pub unsafe fn new(buf: NonNull<u8>, size: usize) -> Self {
        // INVARIANT: That is what the caller promises.
        Self {
            start: buf,
            size,
            offset: 0,
            _allocation: PhantomData,
        }
    }

    /// Returns the size in bytes of what the pages back. It need not fill the last page.
    #[inline]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns the number of pages in all, those already yielded included.
    #[inline]
    pub fn page_count(&self) -> usize {
        self.size.div_ceil(PAGE_SIZE)
    }
}

impl<'a> Iterator for VmallocPageIter<'a> {
    type Item = BorrowedPage<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.offset >= self.size {
            return None;
        }
        // SAFETY: By the type's invariant, the allocation has more than `offset` bytes.
        let ptr = unsafe { self.start.add(self.offset) };
        // This cannot overflow: the size of an allocation is at most `isize::MAX`.
        self.offset += PAGE_SIZE;
        // SAFETY: By the type's invariant, `ptr` points into an allocation of `Vmalloc` that stays
        // during `'a`.
        Some(unsafe { Vmalloc::to_page(ptr) })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.page_count() - self.offset / PAGE_SIZE;
        (left, Some(left))
    }
}
