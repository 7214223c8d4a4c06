// SPDX-License-Identifier: GPL-2.0

//! Boxes as pointers that C keeps.

use super::Box;
use crate::{alloc::Allocator, types::ForeignOwnable};
use core::{ffi::c_void, pin::Pin};

/// The alignment that every pointer of a `Box<T, A>` has.
const fn foreign_align<T, A: Allocator>() -> usize {
    // The memory of a box may be aligned to more than its value. A value of size zero has none.
    if size_of::<T>() != 0 && A::MIN_ALIGN > align_of::<T>() {
        A::MIN_ALIGN
    } else {
        align_of::<T>()
    }
}

// SAFETY: The pointer of a box is never null. It is aligned for `T`, and if `T` has memory, also to
// `MIN_ALIGN`, by the contract of `Allocator`.
unsafe impl<T, A> ForeignOwnable for Box<T, A>
where
    A: Allocator,
{
    type BorrowedMut<'a>
        = &'a mut T
    where
        Self: 'a;
    type Borrowed<'a>
        = &'a T
    where
        Self: 'a;

    const FOREIGN_ALIGN: usize = foreign_align::<T, A>();

    #[inline]
    unsafe fn borrow<'a>(ptr: *mut c_void) -> &'a T {
        // SAFETY: The pointer comes from `into_foreign`, so it is that of a valid `T`. The caller
        // promises that during `'a`, nobody drops it or borrows it mutably.
        unsafe { &*ptr.cast() }
    }

    #[inline]
    unsafe fn borrow_mut<'a>(ptr: *mut c_void) -> &'a mut T {
        // SAFETY: The pointer comes from `into_foreign`, so it is that of a valid `T`. The caller
        // promises that during `'a`, nobody drops it or borrows it.
        unsafe { &mut *ptr.cast() }
    }

    #[inline]
    unsafe fn from_foreign(ptr: *mut c_void) -> Self {
        // SAFETY: The caller promises that the pointer comes from `into_foreign`, which gave the
        // value up, and that it is made into a box only once.
        unsafe { Box::from_raw(ptr.cast()) }
    }

    #[inline]
    fn into_foreign(self) -> *mut c_void {
        Box::into_raw(self).cast()
    }
}

// SAFETY: The pointer is that of the box in the pin.
unsafe impl<T, A> ForeignOwnable for Pin<Box<T, A>>
where
    A: Allocator,
{
    type BorrowedMut<'a>
        = Pin<&'a mut T>
    where
        Self: 'a;
    type Borrowed<'a>
        = Pin<&'a T>
    where
        Self: 'a;

    const FOREIGN_ALIGN: usize = foreign_align::<T, A>();

    #[inline]
    unsafe fn borrow<'a>(ptr: *mut c_void) -> Pin<&'a T> {
        // SAFETY: The pointer comes from `into_foreign`, so it is that of a valid `T`. The caller
        // promises that during `'a`, nobody drops it or borrows it mutably.
        let value = unsafe { &*ptr.cast() };
        // SAFETY: The box was pinned when the pointer was made of it.
        unsafe { Pin::new_unchecked(value) }
    }

    #[inline]
    unsafe fn borrow_mut<'a>(ptr: *mut c_void) -> Pin<&'a mut T> {
        // SAFETY: The pointer comes from `into_foreign`, so it is that of a valid `T`. The caller
        // promises that during `'a`, nobody drops it or borrows it.
        let value = unsafe { &mut *ptr.cast() };
        // SAFETY: The box was pinned when the pointer was made of it.
        unsafe { Pin::new_unchecked(value) }
    }

    #[inline]
    unsafe fn from_foreign(ptr: *mut c_void) -> Self {
        // SAFETY: The caller promises that the pointer comes from `into_foreign`, hence from the
        // one of `Box`, and that it is made into a box only once.
        unsafe { Box::<T, A>::from_foreign(ptr) }.into()
    }

    #[inline]
    fn into_foreign(self) -> *mut c_void {
        // SAFETY: The value does not move. The pointer is only used as pinned: see below.
        unsafe { Pin::into_inner_unchecked(self) }.into_foreign()
    }
}
