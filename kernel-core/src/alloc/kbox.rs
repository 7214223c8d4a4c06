// SPDX-License-Identifier: GPL-2.0

//! [`Box`]: one value on the heap.

mod access;
mod foreign;
mod init;
#[cfg(CONFIG_RUST_ALLOCATOR_KUNIT_TEST)]
mod tests;

use super::{
    allocator::{KVmalloc, Kmalloc, Vmalloc},
    flags::__GFP_ZERO,
    AllocError, Allocator, Flags, NumaNode, Vec,
};
use core::{
    alloc::Layout,
    marker::PhantomData,
    mem::{ManuallyDrop, MaybeUninit},
    pin::Pin,
    ptr::{self, NonNull},
};
use pin_init::{PinInit, Zeroable};

/// Owns a value that lies in memory of the allocator `A`.
///
/// When the box is dropped, the value is dropped and the memory freed. A box of a value of size
/// zero has no memory, and is free of charge.
///
/// Code names [`KBox`], [`VBox`] or [`KVBox`] rather than this type.
///
/// # Examples
///
/// ```
/// let mut number = KBox::new(24u64, GFP_KERNEL)?;
///
/// *number += 18;
/// assert_eq!(*number, 42);
/// # Ok::<(), Error>(())
/// ```
///
/// A value that is too large for the stack is made in its place:
///
/// ```
/// struct Table {
///     slots: [u32; 2048],
/// }
///
/// let table = KVBox::<Table>::init(
///     init!(Table { slots <- pin_init::init_array_from_fn(|i| i as u32) }),
///     GFP_KERNEL,
/// )?;
///
/// assert_eq!(table.slots[2047], 2047);
/// # Ok::<(), Error>(())
/// ```
///
/// A box becomes one of a trait object by itself:
///
/// ```
/// trait Shape {
///     fn area(&self) -> u32;
/// }
///
/// struct Square(u32);
///
/// impl Shape for Square {
///     fn area(&self) -> u32 {
///         self.0 * self.0
///     }
/// }
///
/// let shape: KBox<dyn Shape> = KBox::new(Square(3), GFP_KERNEL)?;
/// assert_eq!(shape.area(), 9);
///
/// let pinned: Pin<KBox<dyn Shape>> = shape.into();
/// assert_eq!(pinned.area(), 9);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The pointer is aligned, and points to a valid value that the box owns. Unless the size of that
/// value is zero, it lies in an allocation of `A` with the value's layout, which the box owns too.
#[repr(transparent)]
#[derive(core::marker::CoercePointee)]
pub struct Box<#[pointee] T: ?Sized, A: Allocator>(NonNull<T>, PhantomData<A>);

/// A [`Box`] in memory from [`Kmalloc`].
///
/// # Examples
///
/// ```
/// let name = KBox::new(*b"kbox", GFP_KERNEL)?;
///
/// assert_eq!(&name[1..], b"box");
/// # Ok::<(), Error>(())
/// ```
pub type KBox<T> = Box<T, Kmalloc>;

/// A [`Box`] in memory from [`Vmalloc`].
///
/// # Examples
///
/// ```
/// use kernel::page::PAGE_SIZE;
///
/// let page = VBox::new([0xffu8; PAGE_SIZE], GFP_KERNEL)?;
///
/// assert!(page.iter().all(|&byte| byte == 0xff));
/// assert!(page.as_ptr().addr() % PAGE_SIZE == 0);
/// # Ok::<(), Error>(())
/// ```
pub type VBox<T> = Box<T, Vmalloc>;

/// A [`Box`] in memory from [`KVmalloc`].
///
/// # Examples
///
/// ```
/// let zeroes = KVBox::<[u64; 4096]>::zeroed(GFP_KERNEL)?;
///
/// assert_eq!(zeroes.iter().sum::<u64>(), 0);
/// # Ok::<(), Error>(())
/// ```
pub type KVBox<T> = Box<T, KVmalloc>;

impl<T, A> Box<T, A>
where
    T: ?Sized,
    A: Allocator,
{
    /// Makes a box of a pointer, taking over what it points to.
    ///
    /// # Examples
    ///
    /// ```
    /// let raw = KBox::into_raw(KBox::new(7, GFP_KERNEL)?);
    /// // SAFETY: The pointer comes from a `KBox`, which is not there any more.
    /// let again = unsafe { KBox::from_raw(raw) };
    ///
    /// assert_eq!(*again, 7);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Safety
    ///
    /// - `raw` is aligned and not null, and points to a valid value that nothing else owns or uses.
    /// - Unless that value has size zero, it lies in memory that was allocated by `A` with the
    ///   value's layout, and that nothing else owns. What [`into_raw`](Self::into_raw) returned does.
    #[inline]
    pub const unsafe fn from_raw(raw: *mut T) -> Self {
        // SAFETY: The caller promises that the pointer is not null.
        let ptr = unsafe { NonNull::new_unchecked(raw) };
        // INVARIANT: That is what the caller promises.
        Self(ptr, PhantomData)
    }

    /// Gives the value and its memory up, as a pointer.
    ///
    /// They are dropped and freed no more, unless the pointer is made into a box again with
    /// [`from_raw`](Self::from_raw).
    ///
    /// It is called as `Box::into_raw(b)`, so that it hides no method of the value.
    #[inline]
    pub fn into_raw(b: Self) -> *mut T {
        ManuallyDrop::new(b).0.as_ptr()
    }

    /// Gives the value and its memory up, as a reference that is good for ever.
    ///
    /// It is called as `Box::leak(b)`, so that it hides no method of the value.
    ///
    /// # Examples
    ///
    /// ```
    /// let counter: &mut u32 = KBox::leak(KBox::new(0, GFP_KERNEL)?);
    /// *counter += 1;
    ///
    /// assert_eq!(*counter, 1);
    /// # // SAFETY: The reference comes from `leak`, and is not used any more.
    /// # drop(unsafe { KBox::from_raw(counter) });
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn leak<'a>(b: Self) -> &'a mut T {
        // SAFETY: By the type's invariant the pointer is valid. Nobody frees the value now, and
        // nobody else can name it.
        unsafe { &mut *Box::into_raw(b) }
    }
}

impl<T, A> Box<T, A>
where
    A: Allocator,
{
    /// Moves `x` to the heap.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for it; then `x` is dropped.
    #[inline]
    pub fn new(x: T, flags: Flags) -> Result<Self, AllocError> {
        Ok(Self::new_uninit(flags)?.write(x))
    }

    /// Allocates memory for a value that is written later.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory to be had.
    ///
    /// # Examples
    ///
    /// ```
    /// let room = KBox::<u64>::new_uninit(GFP_KERNEL)?;
    /// let number = room.write(10);
    ///
    /// assert_eq!(*number, 10);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn new_uninit(flags: Flags) -> Result<Box<MaybeUninit<T>, A>, AllocError> {
        let memory = A::alloc(Layout::new::<MaybeUninit<T>>(), flags, NumaNode::NO_NODE)?;
        // INVARIANT: The memory was just allocated with this layout. It need not be initialised.
        Ok(Box(memory.cast(), PhantomData))
    }

    /// Allocates a value whose bytes are all zero.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory to be had.
    ///
    /// # Examples
    ///
    /// ```
    /// let zeroes = KBox::<[u8; 512]>::zeroed(GFP_KERNEL)?;
    ///
    /// assert_eq!(*zeroes, [0; 512]);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn zeroed(flags: Flags) -> Result<Self, AllocError>
    where
        T: Zeroable,
    {
        let zeroes = Self::new_uninit(flags | __GFP_ZERO)?;
        // SAFETY: The memory was allocated with `__GFP_ZERO`, and zeroes are a valid `T`.
        Ok(unsafe { zeroes.assume_init() })
    }

    /// Moves `x` to the heap, where it is pinned.
    ///
    /// A value that cannot be moved at all, such as one that holds a lock, is made in its place with
    /// [`InPlaceInit::pin_init`](crate::init::InPlaceInit::pin_init).
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for it; then `x` is dropped.
    #[inline]
    pub fn pin(x: T, flags: Flags) -> Result<Pin<Box<T, A>>, AllocError>
    where
        A: 'static,
    {
        Self::new(x, flags).map(Box::into_pin)
    }

    /// Makes a slice of `len` pinned values, the one at index `i` with `initializer(i)`.
    ///
    /// # Errors
    ///
    /// The error of the first initializer that fails, or [`AllocError`] if there is no memory for
    /// the slice. The values that had been made are dropped then.
    ///
    /// # Examples
    ///
    /// ```
    /// #[pin_data]
    /// struct Slot {
    ///     number: usize,
    /// }
    ///
    /// let slots = KBox::pin_slice(|i| try_pin_init!(Slot { number: i * i }), 4, GFP_KERNEL)?;
    /// assert_eq!(slots.len(), 4);
    /// assert_eq!(slots[3].number, 9);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn pin_slice<Func, Item, E>(
        mut initializer: Func,
        len: usize,
        flags: Flags,
    ) -> Result<Pin<Box<[T], A>>, E>
    where
        Func: FnMut(usize) -> Item,
        Item: PinInit<T, E>,
        E: From<AllocError>,
    {
        // The vector drops what has been made, should an initializer fail. Its capacity is `len`.
        let mut values = Vec::<T, A>::with_capacity(len, flags)?;
        for i in 0..len {
            let init = initializer(i);
            let slot = values.spare_capacity_mut().as_mut_ptr().cast::<T>();
            // SAFETY: `slot` is the place of element `i`, as `i < len`, and is not initialised. If
            // this fails, it remains so. Elements are pinned: the vector is not grown from here.
            unsafe { init.__pinned_init(slot) }?;
            // SAFETY: The element after the last has just been initialised.
            unsafe { values.inc_len(1) };
        }

        let (start, len, _) = values.into_raw_parts();
        let values = ptr::slice_from_raw_parts_mut(start, len);
        // SAFETY: The vector has given its elements up. Unless they have size zero, it held them in
        // memory for `len` elements, which it had allocated with `A`.
        Ok(unsafe { Box::from_raw(values) }.into())
    }

    /// Pins the value.
    ///
    /// It is called as `Box::into_pin(b)`, so that it hides no method of the value.
    #[inline]
    pub fn into_pin(this: Self) -> Pin<Self> {
        this.into()
    }

    /// Drops the value, and keeps its memory.
    ///
    /// # Examples
    ///
    /// ```
    /// let first = KBox::new([1u8; 64], GFP_KERNEL)?;
    /// let memory = KBox::drop_contents(first);
    /// // This does not allocate.
    /// let second = memory.write([2u8; 64]);
    ///
    /// assert_eq!(*second, [2; 64]);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn drop_contents(this: Self) -> Box<MaybeUninit<T>, A> {
        let value = Box::into_raw(this);
        // SAFETY: The pointer comes from a box of `T`, and `MaybeUninit<T>` has the same layout.
        let memory = unsafe { Box::from_raw(value.cast()) };
        // SAFETY: By the type's invariant the value was valid, and the box owned it. It cannot be
        // used after this. Should this panic, `memory` is freed, and nothing is dropped twice.
        unsafe { ptr::drop_in_place(value) };
        memory
    }

    /// Moves the value out of the box, and frees the memory.
    ///
    /// It is called as `Box::into_inner(b)`, so that it hides no method of the value.
    ///
    /// # Examples
    ///
    /// ```
    /// let boxed = KBox::new(KVec::<u8>::new(), GFP_KERNEL)?;
    /// let vec: KVec<u8> = KBox::into_inner(boxed);
    ///
    /// assert!(vec.is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn into_inner(b: Self) -> T {
        let value = Box::into_raw(b);
        // SAFETY: The pointer comes from a box of `T`, and `MaybeUninit<T>` has the same layout.
        let _memory = unsafe { Box::<MaybeUninit<T>, A>::from_raw(value.cast()) };
        // SAFETY: By the type's invariant the value was valid, and the box owned it. The memory is
        // freed after this, as one that is not initialised.
        unsafe { value.read() }
    }
}

impl<T, A> Box<MaybeUninit<T>, A>
where
    A: Allocator,
{
    /// Says that the value has been initialised.
    ///
    /// # Safety
    ///
    /// The memory holds a valid `T`.
    #[inline]
    pub unsafe fn assume_init(self) -> Box<T, A> {
        let value = Box::into_raw(self).cast();
        // SAFETY: The pointer comes from a box, and both types have the same layout. The caller
        // promises that the value is valid.
        unsafe { Box::from_raw(value) }
    }

    /// Initialises the memory with `value`.
    #[inline]
    pub fn write(mut self, value: T) -> Box<T, A> {
        (*self).write(value);
        // SAFETY: The value was just written.
        unsafe { self.assume_init() }
    }
}

impl<T, A> From<Box<T, A>> for Pin<Box<T, A>>
where
    T: ?Sized,
    A: Allocator,
{
    #[inline]
    fn from(b: Box<T, A>) -> Self {
        // SAFETY: Without `Unpin`, nothing moves the value out of a pinned box, or frees its memory
        // before the value is dropped: neither does the box hand out its value.
        unsafe { Pin::new_unchecked(b) }
    }
}

impl<T, A> Drop for Box<T, A>
where
    T: ?Sized,
    A: Allocator,
{
    #[inline]
    fn drop(&mut self) {
        let layout = Layout::for_value::<T>(self);
        // SAFETY: By the type's invariant the value is valid, and belongs to this box, which is not
        // used after this.
        unsafe { ptr::drop_in_place(self.0.as_ptr()) };
        // SAFETY: By the type's invariant, the memory was allocated by `A` with this layout, or its
        // size is zero. It is not used after this.
        unsafe { A::free(self.0.cast(), layout) };
    }
}

// SAFETY: Sharing the box gives access to what sharing its value gives access to.
unsafe impl<T, A> Sync for Box<T, A>
where
    T: Sync + ?Sized,
    A: Allocator,
{
}

// SAFETY: The box owns its value, so sending the box sends the value. Memory of an allocator may be
// freed in any thread.
unsafe impl<T, A> Send for Box<T, A>
where
    T: Send + ?Sized,
    A: Allocator,
{
}

impl<T, A, const N: usize> From<Box<[T; N], A>> for Vec<T, A>
where
    A: Allocator,
{
    /// Makes a vector of the array's elements, in the same memory.
    #[inline]
    fn from(b: Box<[T; N], A>) -> Vec<T, A> {
        let elements = Box::into_raw(b).cast::<T>();
        // SAFETY: The pointer comes from a box of `A`, so there are `N` valid elements, in an
        // allocation for `N` elements unless their size is zero.
        unsafe { Vec::from_raw_parts(elements, N, N) }
    }
}
