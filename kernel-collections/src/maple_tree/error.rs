// SPDX-License-Identifier: GPL-2.0

//! What can go wrong. The value always comes back.

use crate::{alloc, prelude::*};

/// A value that could not be inserted, and why.
///
/// Becomes an [`Error`] with `?`, which drops the value.
///
/// # Examples
///
/// ```
/// use kernel::maple_tree::MapleTree;
///
/// let tree = KBox::pin_init(MapleTree::<KBox<u32>>::new(), GFP_KERNEL)?;
/// tree.insert(5, KBox::new(1, GFP_KERNEL)?, GFP_KERNEL)?;
///
/// let error = tree.insert(5, KBox::new(2, GFP_KERNEL)?, GFP_KERNEL).err().ok_or(EINVAL)?;
/// assert_eq!(*error.value, 2);
/// assert_eq!(Error::from(error), EEXIST);
/// # Ok::<(), Error>(())
/// ```
pub struct InsertError<T> {
    /// What was to be inserted.
    pub value: T,
    /// What went wrong.
    pub cause: InsertErrorKind,
}

/// Why a value could not be inserted.
///
/// # Examples
///
/// ```
/// use kernel::maple_tree::{InsertErrorKind, MapleTree};
///
/// /// Inserts a value for a number, or else for another.
/// fn insert_or(tree: &MapleTree<KBox<u32>>, at: usize, or: usize, value: KBox<u32>) -> Result {
///     match tree.insert(at, value, GFP_KERNEL) {
///         Ok(()) => Ok(()),
///         Err(error) => match error.cause {
///             InsertErrorKind::Occupied => Ok(tree.insert(or, error.value, GFP_KERNEL)?),
///             other => Err(other.into()),
///         },
///     }
/// }
///
/// let tree = KBox::pin_init(MapleTree::new(), GFP_KERNEL)?;
/// insert_or(&tree, 1, 2, KBox::new(10, GFP_KERNEL)?)?;
/// insert_or(&tree, 1, 2, KBox::new(20, GFP_KERNEL)?)?;
/// assert_eq!(tree.erase(2).as_deref(), Some(&20));
/// # Ok::<(), Error>(())
/// ```
pub enum InsertErrorKind {
    /// There is no memory for the tree's nodes.
    AllocError(alloc::AllocError),
    /// A part of the range has a value already.
    Occupied,
    /// There is no number in the range.
    InvalidRequest,
}

impl From<InsertErrorKind> for Error {
    /// Returns `ENOMEM`, `EEXIST` or `EINVAL`.
    fn from(kind: InsertErrorKind) -> Error {
        match kind {
            InsertErrorKind::AllocError(error) => error.into(),
            InsertErrorKind::Occupied => EEXIST,
            InsertErrorKind::InvalidRequest => EINVAL,
        }
    }
}

impl<T> From<InsertError<T>> for Error {
    fn from(error: InsertError<T>) -> Error {
        error.cause.into()
    }
}

/// A value that no gap could be found for, and why.
///
/// Becomes an [`Error`] with `?`, which drops the value.
///
/// # Examples
///
/// ```
/// use kernel::maple_tree::MapleTreeAlloc;
///
/// let ids = KBox::pin_init(MapleTreeAlloc::<KBox<u32>>::new(), GFP_KERNEL)?;
/// ids.alloc_range(1, KBox::new(1, GFP_KERNEL)?, ..=0, GFP_KERNEL)?;
///
/// let full = ids.alloc_range(1, KBox::new(2, GFP_KERNEL)?, ..=0, GFP_KERNEL);
/// let error = full.err().ok_or(EINVAL)?;
/// assert_eq!(*error.value, 2);
/// assert_eq!(Error::from(error), EBUSY);
/// # Ok::<(), Error>(())
/// ```
pub struct AllocError<T> {
    /// What was to be inserted.
    pub value: T,
    /// What went wrong.
    pub cause: AllocErrorKind,
}

/// Why no gap could be found for a value.
///
/// # Examples
///
/// ```
/// use kernel::maple_tree::{AllocErrorKind, MapleTreeAlloc};
///
/// let tree = KBox::pin_init(MapleTreeAlloc::<KBox<u32>>::new(), GFP_KERNEL)?;
///
/// let none = tree.alloc_range(0, KBox::new(1, GFP_KERNEL)?, .., GFP_KERNEL);
/// let cause = none.err().map(|error| error.cause);
/// assert!(matches!(cause, Some(AllocErrorKind::InvalidRequest)));
/// # Ok::<(), Error>(())
/// ```
pub enum AllocErrorKind {
    /// There is no memory for the tree's nodes.
    AllocError(alloc::AllocError),
    /// There is no gap of that size in the range.
    Busy,
    /// The size is zero, or more than there are numbers in the range.
    InvalidRequest,
}

impl From<AllocErrorKind> for Error {
    /// Returns `ENOMEM`, `EBUSY` or `EINVAL`.
    fn from(kind: AllocErrorKind) -> Error {
        match kind {
            AllocErrorKind::AllocError(error) => error.into(),
            AllocErrorKind::Busy => EBUSY,
            AllocErrorKind::InvalidRequest => EINVAL,
        }
    }
}

impl<T> From<AllocError<T>> for Error {
    fn from(error: AllocError<T>) -> Error {
        error.cause.into()
    }
}
