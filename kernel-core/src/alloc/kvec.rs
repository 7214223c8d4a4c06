// SPDX-License-Identifier: GPL-2.0

//! [`Vec`]: many values on the heap, one after another.

mod access;
mod errors;
mod iter;
mod resize;
#[cfg(CONFIG_RUST_KVEC_KUNIT_TEST)]
mod tests;

pub use self::{
    errors::{InsertError, PushError, RemoveError},
    iter::DrainAll,
};

use super::{
    allocator::{KVmalloc, Kmalloc, Vmalloc},
    layout::ArrayLayout,
    AllocError, Allocator, Flags, NumaNode,
};
use core::{
    marker::PhantomData,
    mem::{ManuallyDrop, MaybeUninit},
    ptr::{self, NonNull},
    slice,
};

/// Makes a [`KVec`] of the given elements, with [`GFP_KERNEL`](super::flags::GFP_KERNEL).
///
/// - `kvec![]` is a vector without elements. It does not allocate, hence cannot fail.
/// - `kvec![value; n]` is a `Result` with `n` clones of `value`.
/// - `kvec![a, b, c]` is a `Result` with these elements.
///
/// # Examples
///
/// ```
/// use kernel::kvec;
///
/// let primes = kvec![2, 3, 5, 7]?;
/// assert_eq!(primes, [2, 3, 5, 7]);
///
/// let zeroes = kvec![0u8; 100]?;
/// assert_eq!(zeroes, [0; 100]);
///
/// let mut names = kvec![];
/// names.push("eth0", GFP_KERNEL)?;
/// assert_eq!(names, ["eth0"]);
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! kvec {
    () => {
        $crate::alloc::KVec::new()
    };
    ($value:expr; $n:expr) => {
        $crate::alloc::KVec::from_elem($value, $n, $crate::alloc::flags::GFP_KERNEL)
    };
    ($($element:expr),+ $(,)?) => {
        $crate::alloc::KBox::new([$($element),+], $crate::alloc::flags::GFP_KERNEL)
            .map($crate::alloc::KVec::from)
    };
}

/// A growing array, in memory of the allocator `A`.
///
/// It derefs to a slice, whose methods it thereby has. A vector that has never had an element has
/// no memory, nor has one whose elements are of size zero. The capacity and all lengths are numbers
/// of elements, not bytes.
///
/// Two kinds of functions add elements. Those that take [`Flags`] grow the vector at need: to twice
/// its capacity at least, so that adding many elements one by one takes time in proportion to their
/// number. Those with `within_capacity` in their names never allocate, and work where that is
/// forbidden.
///
/// Code names [`KVec`], [`VVec`] or [`KVVec`] rather than this type.
///
/// # Examples
///
/// ```
/// let mut queue = KVec::new();
/// queue.push(3, GFP_KERNEL)?;
/// queue.extend_from_slice(&[1, 2], GFP_KERNEL)?;
/// queue.sort_unstable();
///
/// assert_eq!(queue, [1, 2, 3]);
/// assert_eq!(queue.pop(), Some(3));
/// assert_eq!(queue.len(), 2);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// - `ptr` is aligned for `T`. Unless the size of `layout` is zero, it is an allocation of `A` with
///   that layout, which this vector owns.
/// - `len` is at most the capacity, which is `layout.len()`, or `usize::MAX` if the size of `T` is
///   zero.
/// - The first `len` elements are valid, and this vector owns them.
pub struct Vec<T, A: Allocator> {
    ptr: NonNull<T>,
    layout: ArrayLayout<T>,
    len: usize,
    _allocator: PhantomData<A>,
}

/// A [`Vec`] in memory from [`Kmalloc`].
///
/// # Examples
///
/// ```
/// let letters: KVec<char> = KVec::from_elem('x', 3, GFP_KERNEL)?;
///
/// assert_eq!(letters, ['x', 'x', 'x']);
/// # Ok::<(), Error>(())
/// ```
pub type KVec<T> = Vec<T, Kmalloc>;

/// A [`Vec`] in memory from [`Vmalloc`].
///
/// # Examples
///
/// ```
/// let mut samples = VVec::with_capacity(10_000, GFP_KERNEL)?;
/// for i in 0..10_000u32 {
///     samples.push_within_capacity(i)?;
/// }
///
/// assert_eq!(samples.last(), Some(&9_999));
/// # Ok::<(), Error>(())
/// ```
pub type VVec<T> = Vec<T, Vmalloc>;

/// A [`Vec`] in memory from [`KVmalloc`].
///
/// # Examples
///
/// ```
/// let mut bits = KVVec::new();
/// bits.resize(50_000, false, GFP_KERNEL)?;
/// bits[49_999] = true;
///
/// assert_eq!(bits.iter().filter(|&&bit| bit).count(), 1);
/// # Ok::<(), Error>(())
/// ```
pub type KVVec<T> = Vec<T, KVmalloc>;

/// An iterator that owns the elements of a [`Vec`]; what [`Vec::into_iter`] returns.
///
/// # Examples
///
/// ```
/// let mut elements = kernel::kvec![1, 2, 3]?.into_iter();
///
/// assert_eq!(elements.next(), Some(1));
/// assert_eq!(elements.size_hint(), (2, Some(2)));
/// assert_eq!(elements.collect(GFP_KERNEL), [2, 3]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// - `ptr` and `layout` are as in a [`Vec`], and this iterator owns the allocation.
/// - `first <= end`, and `end` is at most the capacity.
/// - The elements at the indices `first..end` are valid, and this iterator owns them.
pub struct IntoIter<T, A: Allocator> {
    ptr: NonNull<T>,
    layout: ArrayLayout<T>,
    first: usize,
    end: usize,
    _allocator: PhantomData<A>,
}

impl<T, A> Vec<T, A>
where
    A: Allocator,
{
    /// Makes a vector without elements. It does not allocate.
    #[inline]
    pub const fn new() -> Self {
        // INVARIANT: The layout is of size zero, for which an aligned pointer will do. There are no
        // elements.
        Self {
            ptr: NonNull::dangling(),
            layout: ArrayLayout::empty(),
            len: 0,
            _allocator: PhantomData,
        }
    }

    /// Makes a vector without elements that has room for `capacity` of them.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for so many.
    ///
    /// # Examples
    ///
    /// ```
    /// let vec = KVec::<u16>::with_capacity(20, GFP_KERNEL)?;
    ///
    /// assert!(vec.is_empty());
    /// assert!(vec.capacity() >= 20);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn with_capacity(capacity: usize, flags: Flags) -> Result<Self, AllocError> {
        let mut vec = Self::new();
        vec.reserve(capacity, flags)?;
        Ok(vec)
    }

    /// Makes a vector of what [`into_raw_parts`](Self::into_raw_parts) returned.
    ///
    /// # Safety
    ///
    /// Unless the size of `T` is zero:
    ///
    /// - If `capacity` is not zero, `ptr` is an allocation of `A` with the layout of an array of
    ///   `capacity` elements, which nothing else owns.
    /// - `length` is at most `capacity`.
    ///
    /// In any case:
    ///
    /// - `ptr` is aligned and not null.
    /// - The first `length` elements at `ptr` are valid, and nothing else owns them.
    #[inline]
    pub unsafe fn from_raw_parts(ptr: *mut T, length: usize, capacity: usize) -> Self {
        let layout = if size_of::<T>() == 0 {
            ArrayLayout::empty()
        } else {
            // SAFETY: There is an allocation for an array of so many elements.
            unsafe { ArrayLayout::new_unchecked(capacity) }
        };
        // INVARIANT: That is what the caller promises.
        Self {
            // SAFETY: The caller promises that the pointer is not null.
            ptr: unsafe { NonNull::new_unchecked(ptr) },
            layout,
            len: length,
            _allocator: PhantomData,
        }
    }

    /// Gives the elements and their memory up, as pointer, length and capacity.
    ///
    /// They are dropped and freed no more, unless the parts are made into a vector again with
    /// [`from_raw_parts`](Self::from_raw_parts).
    ///
    /// # Examples
    ///
    /// ```
    /// let (ptr, len, capacity) = kernel::kvec!['a', 'b']?.into_raw_parts();
    /// // SAFETY: The parts come from a `KVec`, which is not there any more.
    /// let vec = unsafe { KVec::from_raw_parts(ptr, len, capacity) };
    ///
    /// assert_eq!(vec, ['a', 'b']);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn into_raw_parts(self) -> (*mut T, usize, usize) {
        let mut this = ManuallyDrop::new(self);
        (this.as_mut_ptr(), this.len, this.capacity())
    }

    /// Returns how many elements there can be before more memory is needed.
    ///
    /// If the size of `T` is zero, that is `usize::MAX`.
    #[inline]
    pub const fn capacity(&self) -> usize {
        if size_of::<T>() == 0 {
            usize::MAX
        } else {
            self.layout.len()
        }
    }

    /// Returns the number of elements.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are no elements.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns a pointer to the first element, or where it would be.
    #[inline]
    pub const fn as_ptr(&self) -> *const T {
        self.ptr.as_ptr().cast_const()
    }

    /// Returns a pointer to the first element, or where it would be.
    #[inline]
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.ptr.as_ptr()
    }

    /// Returns the elements.
    #[inline]
    pub fn as_slice(&self) -> &[T] {
        // SAFETY: By the type's invariant, there are so many valid elements. They are borrowed as
        // long as the vector is.
        unsafe { slice::from_raw_parts(self.as_ptr(), self.len) }
    }

    /// Returns the elements.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: By the type's invariant, there are so many valid elements. They are borrowed as
        // long as the vector is.
        unsafe { slice::from_raw_parts_mut(self.as_mut_ptr(), self.len) }
    }

    /// Returns the memory between the last element and the capacity.
    ///
    /// Elements written there become part of the vector by [`inc_len`](Self::inc_len).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = KVec::with_capacity(2, GFP_KERNEL)?;
    /// vec.spare_capacity_mut()[0].write(5);
    /// // SAFETY: The element after the last was just initialised.
    /// unsafe { vec.inc_len(1) };
    ///
    /// assert_eq!(vec, [5]);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn spare_capacity_mut(&mut self) -> &mut [MaybeUninit<T>] {
        // By the type's invariant, this does not overflow.
        let spare = self.capacity() - self.len;
        // SAFETY: By the type's invariant, the length does not exceed the capacity.
        let end = unsafe { self.as_mut_ptr().add(self.len) };
        // SAFETY: By the type's invariant, there is room for `spare` more elements, which need not
        // be initialised. It is borrowed as long as the vector is.
        unsafe { slice::from_raw_parts_mut(end.cast(), spare) }
    }

    /// Makes the next `additional` elements part of the vector.
    ///
    /// # Safety
    ///
    /// - `self.len() + additional` is at most [`capacity`](Self::capacity).
    /// - The elements at the indices from `self.len()` to there are initialised.
    #[inline]
    pub const unsafe fn inc_len(&mut self, additional: usize) {
        debug_assert!(additional <= self.capacity() - self.len);
        // INVARIANT: That is what the caller promises.
        self.len += additional;
    }

    /// Adds an element behind the last, of which the caller knows that there is room for it.
    ///
    /// # Safety
    ///
    /// The length is less than the capacity.
    #[inline]
    unsafe fn push_unchecked(&mut self, v: T) {
        // SAFETY: By the type's invariant, the length does not exceed the capacity.
        let end = unsafe { self.as_mut_ptr().add(self.len) };
        // SAFETY: The caller promises that there is room for another element.
        unsafe { end.write(v) };
        // SAFETY: The element was just written, and there is room for it.
        unsafe { self.inc_len(1) };
    }

    /// Adds an element at the end, growing the vector if it is full.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if the vector is full and there is no more memory. The element is dropped
    /// then: [`reserve`](Self::reserve) before, if it mustn't be lost.
    #[inline]
    pub fn push(&mut self, v: T, flags: Flags) -> Result<(), AllocError> {
        self.reserve(1, flags)?;
        // SAFETY: There is now room for an element.
        unsafe { self.push_unchecked(v) };
        Ok(())
    }

    /// Adds an element at the end, without allocating.
    ///
    /// # Errors
    ///
    /// [`PushError`], with the element in it, if the vector is full.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = KVec::with_capacity(1, GFP_KERNEL)?;
    /// vec.push_within_capacity(1)?;
    ///
    /// assert_eq!(vec, [1]);
    /// assert!(KVec::new().push_within_capacity(1).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn push_within_capacity(&mut self, v: T) -> Result<(), PushError<T>> {
        if self.len >= self.capacity() {
            return Err(PushError(v));
        }
        // SAFETY: That there is room was just checked.
        unsafe { self.push_unchecked(v) };
        Ok(())
    }

    /// Inserts an element at `index`, without allocating. Those from there on move by one.
    ///
    /// # Errors
    ///
    /// With the element in it:
    ///
    /// - [`InsertError::IndexOutOfBounds`] if `index` is larger than the length.
    /// - [`InsertError::OutOfCapacity`] if the vector is full.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = KVec::with_capacity(3, GFP_KERNEL)?;
    /// vec.insert_within_capacity(0, 'c')?;
    /// vec.insert_within_capacity(0, 'a')?;
    /// vec.insert_within_capacity(1, 'b')?;
    ///
    /// assert_eq!(vec, ['a', 'b', 'c']);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn insert_within_capacity(
        &mut self,
        index: usize,
        element: T,
    ) -> Result<(), InsertError<T>> {
        let Some(behind) = self.len.checked_sub(index) else {
            return Err(InsertError::IndexOutOfBounds(element));
        };
        if self.len >= self.capacity() {
            return Err(InsertError::OutOfCapacity(element));
        }
        // SAFETY: `index` is at most the length.
        let place = unsafe { self.as_mut_ptr().add(index) };
        // SAFETY: The index is less than the capacity, as the length is.
        let next = unsafe { place.add(1) };
        // SAFETY: There are `behind` elements at `place`, and there is room for one more of them.
        unsafe { ptr::copy(place, next, behind) };
        // SAFETY: The element that was at `place`, if any, has been moved away.
        unsafe { place.write(element) };
        // SAFETY: There are as many elements as before and one more, for which there is room.
        unsafe { self.inc_len(1) };
        Ok(())
    }

    /// Removes the last element and returns it, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = kernel::kvec![1, 2]?;
    ///
    /// assert_eq!(vec.pop(), Some(2));
    /// assert_eq!(vec.pop(), Some(1));
    /// assert_eq!(vec.pop(), None);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        // INVARIANT: There are fewer elements than before; the last one is given away here.
        self.len = self.len.checked_sub(1)?;
        // SAFETY: There is room for more elements than the length, which just became smaller.
        let last = unsafe { self.as_ptr().add(self.len) };
        // SAFETY: The element is valid, and no longer belongs to the vector.
        Some(unsafe { last.read() })
    }

    /// Removes the element at index `i` and returns it. Those behind it move by one.
    ///
    /// # Errors
    ///
    /// [`RemoveError`] if there is no element at that index.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = kernel::kvec!['a', 'b', 'c']?;
    ///
    /// assert_eq!(vec.remove(1)?, 'b');
    /// assert_eq!(vec, ['a', 'c']);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn remove(&mut self, i: usize) -> Result<T, RemoveError> {
        let place: *mut T = self.as_mut_slice().get_mut(i).ok_or(RemoveError)?;
        let behind = self.len - i - 1;
        // SAFETY: This is a valid element. It is overwritten, or lies past the end, from here on.
        let element = unsafe { place.read() };
        // SAFETY: This is the next element, or the end of the last.
        let next = unsafe { place.add(1) };
        // SAFETY: There are `behind` elements at `next`, and the one at `place` is moved away.
        unsafe { ptr::copy(next, place, behind) };
        // INVARIANT: One element has been taken out, and those behind it closed the gap.
        self.len -= 1;
        Ok(element)
    }

    /// Keeps the elements for which `f` returns `true`, in their order, and drops the others.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = kernel::kvec![1, 2, 3, 4, 5]?;
    /// vec.retain(|n| *n % 2 == 1);
    ///
    /// assert_eq!(vec, [1, 3, 5]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn retain(&mut self, mut f: impl FnMut(&mut T) -> bool) {
        let mut kept = 0;
        for i in 0..self.len {
            // The rejected ones gather between those that are kept and those yet to be seen. At no
            // time is there an element missing, should `f` panic.
            if f(&mut self[i]) {
                self.swap(kept, i);
                kept += 1;
            }
        }
        self.truncate(kept);
    }

    /// Drops the elements from index `len` on. Does nothing if there are none.
    ///
    /// The capacity stays as it is.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = kernel::kvec![1, 2, 3]?;
    /// vec.truncate(1);
    /// assert_eq!(vec, [1]);
    ///
    /// vec.truncate(10);
    /// assert_eq!(vec, [1]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn truncate(&mut self, len: usize) {
        let Some(tail) = self.get_mut(len..) else {
            return;
        };
        let tail: *mut [T] = tail;
        // INVARIANT: There are fewer elements than before. This comes first, so that an element
        // whose destructor panics is not dropped again.
        self.len = len;
        // SAFETY: These are valid elements, which no longer belong to the vector.
        unsafe { ptr::drop_in_place(tail) };
    }

    /// Drops all elements.
    ///
    /// The capacity stays as it is.
    #[inline]
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Removes all elements, and returns an iterator over them.
    ///
    /// Those that the iterator has not yielded are dropped with it. The capacity stays as it is.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = kernel::kvec![1, 2, 3]?;
    ///
    /// assert!(vec.drain_all().eq([1, 2, 3]));
    /// assert!(vec.is_empty());
    /// assert!(vec.capacity() >= 3);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn drain_all(&mut self) -> DrainAll<'_, T> {
        let elements: *mut [T] = self.as_mut_slice();
        // INVARIANT: There are no elements: they are given away here. So none is dropped again if
        // the iterator is leaked.
        self.len = 0;
        // SAFETY: These are valid elements which no longer belong to the vector. It stays borrowed
        // as long as the iterator is there.
        unsafe { DrainAll::new(elements) }
    }

    /// Ensures that there is room for `additional` more elements.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for so many. The vector is then as before.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut vec = kernel::kvec![1]?;
    /// vec.reserve(9, GFP_KERNEL)?;
    ///
    /// assert!(vec.capacity() >= 10);
    /// assert!(vec.reserve(usize::MAX, GFP_KERNEL).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn reserve(&mut self, additional: usize, flags: Flags) -> Result<(), AllocError> {
        if additional <= self.capacity() - self.len {
            return Ok(());
        }
        self.grow(additional, flags)
    }

    /// Makes room for `additional` more elements, for which there is none.
    fn grow(&mut self, additional: usize, flags: Flags) -> Result<(), AllocError> {
        let required = self.len.checked_add(additional).ok_or(AllocError)?;
        // Elements without a size would have had room, so the capacity is that of an allocation: at
        // most half of what `usize` can hold.
        let layout = ArrayLayout::new(required.max(2 * self.capacity())).map_err(|_| AllocError)?;
        // SAFETY: The new capacity is larger.
        unsafe { self.set_layout(layout, flags) }
    }

    /// Moves the elements to memory of another layout.
    ///
    /// # Safety
    ///
    /// The size of `T` is not zero, and `layout.len()` is at least the length.
    unsafe fn set_layout(
        &mut self,
        layout: ArrayLayout<T>,
        flags: Flags,
    ) -> Result<(), AllocError> {
        // SAFETY: By the type's invariant, this is an allocation of `A` with that layout. If the
        // call succeeds, the pointer is replaced below.
        let memory = unsafe {
            A::realloc(
                Some(self.ptr.cast()),
                layout.into(),
                self.layout.into(),
                flags,
                NumaNode::NO_NODE,
            )
        }?;
        // INVARIANT: `A` has allocated the memory with this layout, and has kept as many elements as
        // fit. The caller promises that all do.
        self.ptr = memory.cast();
        self.layout = layout;
        Ok(())
    }
}

impl<T, A> Drop for Vec<T, A>
where
    A: Allocator,
{
    fn drop(&mut self) {
        // SAFETY: By the type's invariant, these are valid elements of this vector, which is not
        // used after this.
        unsafe { ptr::drop_in_place(self.as_mut_slice()) };
        // SAFETY: By the type's invariant, this is an allocation of `A` with that layout, which is
        // not used after this.
        unsafe { A::free(self.ptr.cast(), self.layout.into()) };
    }
}

// SAFETY: Sharing the vector gives access to what sharing its elements gives access to.
unsafe impl<T, A> Sync for Vec<T, A>
where
    T: Sync,
    A: Allocator,
{
}

// SAFETY: The vector owns its elements, so sending it sends them. Memory of an allocator may be
// freed in any thread.
unsafe impl<T, A> Send for Vec<T, A>
where
    T: Send,
    A: Allocator,
{
}

impl<T, A: Allocator> Default for Vec<T, A> {
    #[inline]
    fn default() -> Self {
        Self::new()
    }
}
