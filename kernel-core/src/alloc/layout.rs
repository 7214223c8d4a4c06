// SPDX-License-Identifier: GPL-2.0

//! The layout of arrays whose length is known only at run time.

use core::{alloc::Layout, marker::PhantomData};

/// The error of an array that would be larger than the address space allows.
///
/// # Examples
///
/// ```
/// use kernel::alloc::layout::{ArrayLayout, LayoutError};
///
/// assert!(matches!(ArrayLayout::<u64>::new(usize::MAX), Err(LayoutError)));
/// assert_eq!(Error::from(LayoutError), ENOMEM);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutError;

/// The layout of an array `[T; n]`, for an `n` that is known at run time.
///
/// # Invariants
///
/// `len * size_of::<T>()` is at most `isize::MAX`.
///
/// # Examples
///
/// ```
/// use core::alloc::Layout;
/// use kernel::alloc::layout::ArrayLayout;
///
/// let layout = ArrayLayout::<u32>::new(5)?;
/// assert_eq!(layout.len(), 5);
/// assert_eq!(layout.size(), 20);
/// assert_eq!(Layout::from(layout), Layout::new::<[u32; 5]>());
///
/// // No array can fill more than half of the address space.
/// assert!(ArrayLayout::<u32>::new(usize::MAX / 4).is_err());
/// # Ok::<(), Error>(())
/// ```
pub struct ArrayLayout<T> {
    len: usize,
    _element: PhantomData<fn() -> T>,
}

impl<T> Clone for ArrayLayout<T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ArrayLayout<T> {}

impl<T> ArrayLayout<T> {
    /// The layout of an array without elements.
    #[inline]
    pub const fn empty() -> Self {
        // INVARIANT: The size is zero.
        Self {
            len: 0,
            _element: PhantomData,
        }
    }

    /// The layout of an array of `len` elements.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if the array would be larger than `isize::MAX` bytes.
    #[inline]
    pub const fn new(len: usize) -> Result<Self, LayoutError> {
        match Layout::array::<T>(len) {
            // INVARIANT: `Layout` knows no larger arrays either.
            Ok(_) => Ok(Self {
                len,
                _element: PhantomData,
            }),
            Err(_) => Err(LayoutError),
        }
    }

    /// The layout of an array of `len` elements, without the check that [`new`](Self::new) makes.
    ///
    /// # Safety
    ///
    /// `len * size_of::<T>()` is at most `isize::MAX`.
    #[inline]
    pub const unsafe fn new_unchecked(len: usize) -> Self {
        // INVARIANT: That is what the caller promises.
        Self {
            len,
            _element: PhantomData,
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

    /// Returns the size of the array in bytes.
    #[inline]
    pub const fn size(&self) -> usize {
        // By the type's invariant, this does not overflow.
        self.len * size_of::<T>()
    }
}

impl<T> From<ArrayLayout<T>> for Layout {
    #[inline]
    fn from(array: ArrayLayout<T>) -> Self {
        // SAFETY: `align_of` is a power of two. By the type's invariant the size is at most
        // `isize::MAX`, and being a multiple of the alignment, it remains so when rounded up.
        unsafe { Layout::from_size_align_unchecked(array.size(), align_of::<T>()) }
    }
}
