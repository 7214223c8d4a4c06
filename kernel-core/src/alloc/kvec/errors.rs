// SPDX-License-Identifier: GPL-2.0

//! What can go wrong with a vector, apart from the allocation.

use crate::error::{code::EINVAL, Error};
use core::fmt;

/// The error of [`Vec::push_within_capacity`](super::Vec::push_within_capacity): the vector is full.
///
/// It holds the element that was to be added, and becomes [`EINVAL`] when converted to [`Error`]:
/// it is not that the system is out of memory.
///
/// # Examples
///
/// ```
/// use kernel::alloc::kvec::PushError;
///
/// let mut vec = KVec::<u8>::new();
/// let Err(PushError(byte)) = vec.push_within_capacity(3) else {
///     return Err(EINVAL);
/// };
///
/// assert_eq!(byte, 3);
/// assert_eq!(Error::from(PushError(byte)), EINVAL);
/// # Ok::<(), Error>(())
/// ```
pub struct PushError<T>(pub T);

impl<T> fmt::Debug for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("vector is full")
    }
}

impl<T> From<PushError<T>> for Error {
    fn from(_: PushError<T>) -> Error {
        EINVAL
    }
}

/// The error of [`Vec::insert_within_capacity`](super::Vec::insert_within_capacity).
///
/// It holds the element that was to be inserted, and becomes [`EINVAL`] when converted to [`Error`].
///
/// # Examples
///
/// ```
/// use kernel::alloc::kvec::InsertError;
///
/// let mut vec = KVec::with_capacity(1, GFP_KERNEL)?;
///
/// let result = vec.insert_within_capacity(1, 'a');
/// assert!(matches!(result, Err(InsertError::IndexOutOfBounds('a'))));
/// vec.insert_within_capacity(0, 'b')?;
/// # while vec.push_within_capacity('x').is_ok() {}
/// let result = vec.insert_within_capacity(0, 'c');
/// assert!(matches!(result, Err(InsertError::OutOfCapacity('c'))));
/// # Ok::<(), Error>(())
/// ```
pub enum InsertError<T> {
    /// There can be no element at that index: it is larger than the length.
    IndexOutOfBounds(T),
    /// The vector is full.
    OutOfCapacity(T),
}

impl<T> fmt::Debug for InsertError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IndexOutOfBounds(_) => "index is past the end of the vector",
            Self::OutOfCapacity(_) => "vector is full",
        })
    }
}

impl<T> From<InsertError<T>> for Error {
    fn from(_: InsertError<T>) -> Error {
        EINVAL
    }
}

/// The error of [`Vec::remove`](super::Vec::remove): there is no element at that index.
///
/// It becomes [`EINVAL`] when converted to [`Error`].
///
/// # Examples
///
/// ```
/// let mut vec = kernel::kvec![1, 2]?;
///
/// assert_eq!(vec.remove(1)?, 2);
/// assert_eq!(vec.remove(1).map_err(Error::from), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
pub struct RemoveError;

impl fmt::Debug for RemoveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no element at that index")
    }
}

impl From<RemoveError> for Error {
    fn from(_: RemoveError) -> Error {
        EINVAL
    }
}
