// SPDX-License-Identifier: GPL-2.0

//! Boxes used as the values in them.

use super::{Box, VBox};
use crate::{
    alloc::{allocator::VmallocPageIter, Allocator},
    fmt,
    page::AsPageIter,
};
use core::{
    borrow::{Borrow, BorrowMut},
    ops::{Deref, DerefMut},
};

impl<T, A> Deref for Box<T, A>
where
    T: ?Sized,
    A: Allocator,
{
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: By the type's invariant, the pointer is that of a valid value of this box.
        unsafe { self.0.as_ref() }
    }
}

impl<T, A> Borrow<T> for Box<T, A>
where
    T: ?Sized,
    A: Allocator,
{
    #[inline]
    fn borrow(&self) -> &T {
        self
    }
}

impl<T, A> DerefMut for Box<T, A>
where
    T: ?Sized,
    A: Allocator,
{
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: By the type's invariant, the pointer is that of a valid value of this box.
        unsafe { self.0.as_mut() }
    }
}

impl<T, A> BorrowMut<T> for Box<T, A>
where
    T: ?Sized,
    A: Allocator,
{
    #[inline]
    fn borrow_mut(&mut self) -> &mut T {
        self
    }
}

impl<T, A> fmt::Display for Box<T, A>
where
    T: ?Sized + fmt::Display,
    A: Allocator,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T, A> core::fmt::Debug for Box<T, A>
where
    T: ?Sized + core::fmt::Debug,
    A: Allocator,
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        T::fmt(self, f)
    }
}

impl<T> AsPageIter for VBox<T> {
    type Iter<'a>
        = VmallocPageIter<'a>
    where
        T: 'a;

    #[inline]
    fn page_iter(&mut self) -> Self::Iter<'_> {
        // SAFETY: By the type's invariant, a `T` of a size that is not zero lies in an allocation of
        // `Vmalloc` of that size. It stays there while this box is borrowed mutably.
        unsafe { VmallocPageIter::new(self.0.cast(), size_of::<T>()) }
    }
}
