// SPDX-License-Identifier: GPL-2.0

//! Iterators over the elements of a [`Vec`].

use super::{AllocError, Allocator, ArrayLayout, Flags, IntoIter, Vec};
use core::{marker::PhantomData, mem::ManuallyDrop, ptr, slice};

impl<T, A> IntoIter<T, A>
where
    A: Allocator,
{
    /// Returns how many elements are left.
    #[inline]
    fn left(&self) -> usize {
        self.end - self.first
    }

    /// Returns a pointer to the next element, or to the end of the last.
    #[inline]
    fn next_ptr(&self) -> *mut T {
        // SAFETY: By the type's invariant, the index does not exceed the capacity.
        unsafe { self.ptr.as_ptr().add(self.first) }
    }

    /// Makes a vector of the elements that are left, in the memory they are in.
    ///
    /// The elements move to the beginning of that memory, and the memory is made as small as they
    /// allow. If that fails it stays as it is: that is why this can't.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut elements = kernel::kvec!['a', 'b', 'c', 'd']?.into_iter();
    /// elements.by_ref().take(2).for_each(drop);
    ///
    /// assert_eq!(elements.collect(GFP_KERNEL), ['c', 'd']);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn collect(self, flags: Flags) -> Vec<T, A> {
        let this = ManuallyDrop::new(self);
        let (start, left) = (this.ptr.as_ptr(), this.left());
        // SAFETY: By the type's invariant there are so many elements there, and the memory is as
        // large as that from its beginning.
        unsafe { ptr::copy(this.next_ptr(), start, left) };
        // SAFETY: This iterator owned the allocation and the elements, which are now at its
        // beginning; it is not dropped.
        let mut vec = unsafe { Vec::from_raw_parts(start, left, this.layout.len()) };

        if left < this.layout.len() && size_of::<T>() != 0 {
            // SAFETY: There is an allocation for more elements than that.
            let layout = unsafe { ArrayLayout::new_unchecked(left) };
            // SAFETY: The size of `T` is not zero, and `left` is the length of the vector.
            match unsafe { vec.set_layout(layout, flags) } {
                Ok(()) | Err(AllocError) => {}
            }
        }
        vec
    }
}

impl<T, A> Iterator for IntoIter<T, A>
where
    A: Allocator,
{
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if self.left() == 0 {
            return None;
        }
        let element = self.next_ptr();
        // INVARIANT: There is at least one element left. It is given away here.
        self.first += 1;
        // SAFETY: The element is valid, and no longer belongs to this iterator.
        Some(unsafe { element.read() })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left(), Some(self.left()))
    }
}

impl<T, A> Drop for IntoIter<T, A>
where
    A: Allocator,
{
    fn drop(&mut self) {
        let left = ptr::slice_from_raw_parts_mut(self.next_ptr(), self.left());
        // SAFETY: By the type's invariant, this is an allocation of `A` for so many elements. This
        // iterator owned it, and is not used after this.
        let _memory =
            unsafe { Vec::<T, A>::from_raw_parts(self.ptr.as_ptr(), 0, self.layout.len()) };
        // SAFETY: By the type's invariant these are valid elements of this iterator, which is not
        // used after this. The vector, which frees their memory, has no elements.
        unsafe { ptr::drop_in_place(left) };
    }
}

impl<T, A> IntoIterator for Vec<T, A>
where
    A: Allocator,
{
    type Item = T;
    type IntoIter = IntoIter<T, A>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        let this = ManuallyDrop::new(self);
        // INVARIANT: What is true of the vector becomes true of the iterator; the vector gives up
        // its memory and its elements.
        IntoIter {
            ptr: this.ptr,
            layout: this.layout,
            first: 0,
            end: this.len,
            _allocator: PhantomData,
        }
    }
}

impl<'a, T, A> IntoIterator for &'a Vec<T, A>
where
    A: Allocator,
{
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T, A> IntoIterator for &'a mut Vec<T, A>
where
    A: Allocator,
{
    type Item = &'a mut T;
    type IntoIter = slice::IterMut<'a, T>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// An iterator over the elements that were in a [`Vec`]; what [`Vec::drain_all`] returns.
///
/// # Examples
///
/// ```
/// let mut vec = kernel::kvec![1, 2, 3]?;
/// let mut elements = vec.drain_all();
///
/// assert_eq!(elements.next(), Some(1));
/// // The others are dropped.
/// drop(elements);
/// assert!(vec.is_empty());
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `elements` are valid, and this iterator owns them, though not their memory.
pub struct DrainAll<'vec, T> {
    elements: slice::IterMut<'vec, T>,
}

impl<'vec, T> DrainAll<'vec, T> {
    /// # Safety
    ///
    /// - `elements` are valid, and nothing else owns them.
    /// - Their memory is not used otherwise, nor freed, during `'vec`.
    #[inline]
    pub(super) unsafe fn new(elements: *mut [T]) -> Self {
        // SAFETY: The caller promises that nothing else refers to the elements.
        let elements = unsafe { &mut *elements };
        // INVARIANT: The caller promises that nothing else owns the elements.
        Self {
            elements: elements.iter_mut(),
        }
    }
}

impl<'vec, T> Iterator for DrainAll<'vec, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let element: *mut T = self.elements.next()?;
        // SAFETY: By the type's invariant the element is valid and belongs to this iterator, which
        // will not come to it again.
        Some(unsafe { element.read() })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.elements.size_hint()
    }
}

impl<'vec, T> Drop for DrainAll<'vec, T> {
    fn drop(&mut self) {
        let left: *mut [T] = core::mem::take(&mut self.elements).into_slice();
        // SAFETY: By the type's invariant these elements are valid and belong to this iterator. It
        // has been emptied, and does not come to them again.
        unsafe { ptr::drop_in_place(left) };
    }
}
