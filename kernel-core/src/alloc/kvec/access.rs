// SPDX-License-Identifier: GPL-2.0

//! Vectors used as slices.

use super::{Allocator, VVec, Vec};
use crate::{alloc::allocator::VmallocPageIter, page::AsPageIter};
use core::{
    borrow::{Borrow, BorrowMut},
    fmt,
    ops::{Deref, DerefMut, Index, IndexMut},
    slice::SliceIndex,
};

impl<T, A> Deref for Vec<T, A>
where
    A: Allocator,
{
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T, A> Borrow<[T]> for Vec<T, A>
where
    A: Allocator,
{
    #[inline]
    fn borrow(&self) -> &[T] {
        self
    }
}

impl<T, A> DerefMut for Vec<T, A>
where
    A: Allocator,
{
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        self.as_mut_slice()
    }
}

impl<T, A> BorrowMut<[T]> for Vec<T, A>
where
    A: Allocator,
{
    #[inline]
    fn borrow_mut(&mut self) -> &mut [T] {
        self
    }
}

impl<T, I: SliceIndex<[T]>, A> Index<I> for Vec<T, A>
where
    A: Allocator,
{
    type Output = I::Output;

    #[inline]
    fn index(&self, index: I) -> &Self::Output {
        &self.as_slice()[index]
    }
}

impl<T, I: SliceIndex<[T]>, A> IndexMut<I> for Vec<T, A>
where
    A: Allocator,
{
    #[inline]
    fn index_mut(&mut self, index: I) -> &mut Self::Output {
        &mut self.as_mut_slice()[index]
    }
}

impl<T: fmt::Debug, A: Allocator> fmt::Debug for Vec<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

impl<T: Eq, A> Eq for Vec<T, A> where A: Allocator {}

/// Compares a vector with other things that have elements, by comparing the slices.
macro_rules! compare_as_slices {
    ($([$($generics:tt)*] $left:ty, $right:ty;)*) => {
        $(
            impl<T, U, $($generics)*> PartialEq<$right> for $left
            where
                T: PartialEq<U>,
            {
                #[inline]
                fn eq(&self, other: &$right) -> bool {
                    self[..] == other[..]
                }
            }
        )*
    };
}

compare_as_slices! {
    [A1: Allocator, A2: Allocator] Vec<T, A1>, Vec<U, A2>;
    [A: Allocator] Vec<T, A>, [U];
    [A: Allocator] Vec<T, A>, &[U];
    [A: Allocator] Vec<T, A>, &mut [U];
    [A: Allocator, const N: usize] Vec<T, A>, [U; N];
    [A: Allocator, const N: usize] Vec<T, A>, &[U; N];
    [A: Allocator] [T], Vec<U, A>;
    [A: Allocator] &[T], Vec<U, A>;
    [A: Allocator] &mut [T], Vec<U, A>;
}

impl<T> AsPageIter for VVec<T> {
    type Iter<'a>
        = VmallocPageIter<'a>
    where
        T: 'a;

    /// Returns an iterator over the pages of all elements that there could be: of the capacity.
    #[inline]
    fn page_iter(&mut self) -> Self::Iter<'_> {
        // SAFETY: By the type's invariant, this is an allocation of `Vmalloc` of that size, unless
        // the size is zero. It stays there while this vector is borrowed mutably.
        unsafe { VmallocPageIter::new(self.ptr.cast(), self.layout.size()) }
    }
}
