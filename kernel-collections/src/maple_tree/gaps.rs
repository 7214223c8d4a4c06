// SPDX-License-Identifier: GPL-2.0

//! Trees that find a gap.

use super::{first_and_last, AllocError, AllocErrorKind, MapleTree};
use crate::{
    alloc::{self, Flags},
    bindings,
    error::to_result,
    prelude::*,
    types::ForeignOwnable,
};
use core::ops::{Deref, RangeBounds};

/// A [`MapleTree`] that keeps track of gaps, and finds one of a given size.
///
/// It takes more memory for that. All that a [`MapleTree`] offers it offers, too.
///
/// # Examples
///
/// ```
/// use kernel::maple_tree::MapleTreeAlloc;
///
/// // Pages of a window that has 16 of them.
/// let window = KBox::pin_init(MapleTreeAlloc::<KBox<u32>>::new(), GFP_KERNEL)?;
///
/// let a = window.alloc_range(4, KBox::new(1, GFP_KERNEL)?, 0..16, GFP_KERNEL)?;
/// let b = window.alloc_range(8, KBox::new(2, GFP_KERNEL)?, 0..16, GFP_KERNEL)?;
/// assert_eq!((a, b), (0, 4));
/// // Four are left.
/// assert!(window.alloc_range(5, KBox::new(3, GFP_KERNEL)?, 0..16, GFP_KERNEL).is_err());
///
/// window.erase(a);
/// let c = window.alloc_range(2, KBox::new(4, GFP_KERNEL)?, 1.., GFP_KERNEL)?;
/// assert_eq!(c, 1);
/// assert_eq!(window.lock().load(2).as_deref(), Some(&4));
/// # Ok::<(), Error>(())
/// ```
#[pin_data]
#[repr(transparent)]
pub struct MapleTreeAlloc<T: ForeignOwnable> {
    #[pin]
    tree: MapleTree<T>,
}

impl<T: ForeignOwnable> MapleTreeAlloc<T> {
    /// Initialises a tree that is empty.
    pub fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            tree <- MapleTree::with_flags(bindings::MT_FLAGS_ALLOC_RANGE),
        })
    }

    /// Inserts a value for `size` numbers that have none, somewhere within `range`.
    ///
    /// Returns the first of the numbers, which is the smallest possible. All of them are in `range`.
    ///
    /// May sleep if `gfp` permits that; the lock is not held meanwhile.
    ///
    /// # Errors
    ///
    /// The value comes back in the error, and the tree is as it was. The cause is
    ///
    /// - [`AllocErrorKind::Busy`] if there is no gap that large,
    /// - [`AllocErrorKind::AllocError`] if there is no memory,
    /// - [`AllocErrorKind::InvalidRequest`] if `size` is zero or more than there are numbers in the
    ///   range.
    ///
    /// # Panics
    ///
    /// In a kernel for one processor, if there is a guard; with several it would wait for ever.
    pub fn alloc_range<R>(
        &self,
        size: usize,
        value: T,
        range: R,
        gfp: Flags,
    ) -> Result<usize, AllocError<T>>
    where
        R: RangeBounds<usize>,
    {
        let Some((min, max)) = first_and_last(range) else {
            return Err(AllocError {
                value,
                cause: AllocErrorKind::InvalidRequest,
            });
        };

        self.tree.guarded.check();
        let entry = value.into_foreign();
        let mut start = 0;
        // SAFETY: By the type invariants of the tree it is initialised. The entry is a pointer that is
        // not null, and with both low bits clear, as `with_flags` made sure.
        let result = to_result(unsafe {
            bindings::mtree_alloc_range(
                self.tree.tree.get(),
                &mut start,
                entry,
                size,
                min,
                max,
                gfp.as_raw(),
            )
        });
        let Err(error) = result else {
            return Ok(start);
        };

        let cause = if error == ENOMEM {
            AllocErrorKind::AllocError(alloc::AllocError)
        } else if error == EBUSY {
            AllocErrorKind::Busy
        } else {
            AllocErrorKind::InvalidRequest
        };
        // SAFETY: This came from `into_foreign` above, and was not inserted.
        let value = unsafe { T::from_foreign(entry) };
        Err(AllocError { value, cause })
    }
}

impl<T: ForeignOwnable> Deref for MapleTreeAlloc<T> {
    type Target = MapleTree<T>;

    fn deref(&self) -> &MapleTree<T> {
        &self.tree
    }
}
