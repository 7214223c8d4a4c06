// SPDX-License-Identifier: GPL-2.0

//! Vectors made longer by many elements at once, or smaller.

use super::{AllocError, Allocator, ArrayLayout, Flags, KVmalloc, Vec};
use crate::page::PAGE_SIZE;
use core::ptr;

impl<T: Clone, A: Allocator> Vec<T, A> {
    /// Makes a vector of `n` elements, which are clones of `value`.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for so many.
    pub fn from_elem(value: T, n: usize, flags: Flags) -> Result<Self, AllocError> {
        let mut vec = Self::new();
        vec.extend_with(n, value, flags)?;
        Ok(vec)
    }

    /// Adds `n` elements at the end, which are clones of `value`.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for so many. The vector is then as before.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = kernel::kvec![1]?;
    /// vec.extend_with(2, 7, GFP_KERNEL)?;
    ///
    /// assert_eq!(vec, [1, 7, 7]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn extend_with(&mut self, n: usize, value: T, flags: Flags) -> Result<(), AllocError> {
        let Some(clones) = n.checked_sub(1) else {
            return Ok(());
        };
        self.reserve(n, flags)?;
        for _ in 0..clones {
            // SAFETY: There is room for `n` elements, of which this is not the last.
            unsafe { self.push_unchecked(value.clone()) };
        }
        // SAFETY: There is room for `n` elements, of which this is the last.
        unsafe { self.push_unchecked(value) };
        Ok(())
    }

    /// Adds clones of the elements of `other` at the end.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for so many. The vector is then as before.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = kernel::kvec![1]?;
    /// vec.extend_from_slice(&[20, 30], GFP_KERNEL)?;
    ///
    /// assert_eq!(vec, [1, 20, 30]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn extend_from_slice(&mut self, other: &[T], flags: Flags) -> Result<(), AllocError> {
        self.reserve(other.len(), flags)?;
        for element in other {
            // SAFETY: There is room for as many elements as `other` has.
            unsafe { self.push_unchecked(element.clone()) };
        }
        Ok(())
    }

    /// Makes the vector `new_len` elements long: drops those that are too many, or adds clones of
    /// `value`.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for so many. The vector is then as before.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = kernel::kvec![1, 2]?;
    /// vec.resize(4, 0, GFP_KERNEL)?;
    /// assert_eq!(vec, [1, 2, 0, 0]);
    ///
    /// vec.resize(1, 0, GFP_KERNEL)?;
    /// assert_eq!(vec, [1]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn resize(&mut self, new_len: usize, value: T, flags: Flags) -> Result<(), AllocError> {
        match new_len.checked_sub(self.len) {
            Some(additional) => self.extend_with(additional, value, flags),
            None => {
                self.truncate(new_len);
                Ok(())
            }
        }
    }
}

impl<T> Vec<T, KVmalloc> {
    /// Lowers the capacity to `min_capacity`, or to the length, whichever is more.
    ///
    /// Does nothing if the capacity is no larger than that. If the elements then need fewer pages,
    /// they move to memory of the right size: neither `krealloc` nor, where it has mapped huge
    /// pages, `vrealloc` would otherwise give any back.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for the elements to move to. The vector is then as
    /// before.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = KVVec::with_capacity(100_000, GFP_KERNEL)?;
    /// vec.extend_from_slice(&[1, 2, 3], GFP_KERNEL)?;
    /// vec.shrink_to(10, GFP_KERNEL)?;
    ///
    /// assert_eq!(vec.capacity(), 10);
    /// assert_eq!(vec, [1, 2, 3]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn shrink_to(&mut self, min_capacity: usize, flags: Flags) -> Result<(), AllocError> {
        let capacity = self.len.max(min_capacity);
        if size_of::<T>() == 0 || capacity >= self.capacity() {
            return Ok(());
        }
        // SAFETY: There is an allocation for more elements than that.
        let layout = unsafe { ArrayLayout::<T>::new_unchecked(capacity) };
        if layout.size().div_ceil(PAGE_SIZE) == self.layout.size().div_ceil(PAGE_SIZE) {
            // SAFETY: The size of `T` is not zero, and the capacity is at least the length.
            return unsafe { self.set_layout(layout, flags) };
        }

        let mut moved = Self::with_capacity(capacity, flags)?;
        // SAFETY: Both vectors have room for that many elements, in memory of their own.
        unsafe { ptr::copy_nonoverlapping(self.as_ptr(), moved.as_mut_ptr(), self.len) };
        // INVARIANT: The elements belong to `moved` from here on, and to `self` no longer.
        moved.len = core::mem::take(&mut self.len);
        *self = moved;
        Ok(())
    }
}
