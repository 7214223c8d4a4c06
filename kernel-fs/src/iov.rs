// SPDX-License-Identifier: GPL-2.0

//! Memory in pieces, to copy from and to.
//!
//! What a process reads to or writes from may be one buffer or many ([`readv(2)`]), and may be memory
//! of the kernel instead, or pages. A [`struct iov_iter`] hides which, and remembers how far one has
//! got. Here it has one of two types:
//!
//! - [`IovIterSource`] is copied *from*: what a `write_iter` operation gets.
//! - [`IovIterDest`] is copied *to*: what a `read_iter` operation gets.
//!
//! Copies return how many bytes there were. They stop early at the end of the iterator, and where the
//! memory of a process can't be read or written; what came before that is copied, and passed over. To
//! tell one from the other, look at [`len`](IovIterSource::len): it is not 0 if something went wrong.
//!
//! Copying may sleep, when a page of the process must be brought in.
//!
//! C header: [`include/linux/uio.h`](srctree/include/linux/uio.h)
//!
//! [`readv(2)`]: https://man7.org/linux/man-pages/man2/readv.2.html
//! [`struct iov_iter`]: srctree/include/linux/uio.h

use core::{marker::PhantomData, mem::MaybeUninit};

use crate::{
    alloc::{Allocator, Flags, Vec},
    bindings,
    error::{
        code::{EFAULT, EINVAL},
        Result,
    },
    ffi::c_void,
    types::{NotThreadSafe, Opaque},
};

#[cfg(CONFIG_KUNIT = "y")]
mod tests;

/// Memory in pieces, to copy from: a [`struct iov_iter`] whose direction is `ITER_SOURCE`.
///
/// `'data` is for how long the memory can be read. If it is that of a process, the iterator is of no
/// use in another one; so it stays on its thread.
///
/// # Examples
///
/// ```
/// use kernel::iov::IovIterSource;
///
/// /// A `write` that takes lines of at most 16 bytes.
/// fn write_line(iov: &mut IovIterSource<'_>) -> Result<KVec<u8>> {
///     if iov.len() > 16 {
///         return Err(EMSGSIZE);
///     }
///     let mut line = KVec::new();
///     iov.copy_from_iter_vec(&mut line, GFP_KERNEL)?;
///     if !iov.is_empty() {
///         return Err(EFAULT);
///     }
///     Ok(line)
/// }
///
/// # use kernel::bindings;
/// # let vecs = [&b"first, "[..], b"", b"second"].map(|bytes| bindings::kvec {
/// #     iov_base: bytes.as_ptr().cast_mut().cast(),
/// #     iov_len: bytes.len(),
/// # });
/// # let mut iter = bindings::iov_iter::default();
/// # // SAFETY: The vectors are in scope as long as the iterator is.
/// # unsafe { bindings::iov_iter_kvec(&mut iter, bindings::ITER_SOURCE, vecs.as_ptr(), 3, 13) };
/// # // SAFETY: As above; it is a source.
/// # let iov = unsafe { IovIterSource::from_raw(&raw mut iter) };
/// let line = write_line(iov)?;
/// assert_eq!(&line[..], b"first, second");
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The iterator's direction is `ITER_SOURCE`, and for the length of `'data` nobody writes to its
/// memory, or it is that of a process.
///
/// [`struct iov_iter`]: srctree/include/linux/uio.h
#[repr(transparent)]
pub struct IovIterSource<'data> {
    iov: Opaque<bindings::iov_iter>,
    _data: PhantomData<&'data [u8]>,
    _stays_here: NotThreadSafe,
}

impl<'data> IovIterSource<'data> {
    /// Takes C's iterator for a reference.
    ///
    /// # Safety
    ///
    /// - For the length of `'iov`, `ptr` points to an initialised `iov_iter`, which nobody else uses.
    /// - Its direction is `ITER_SOURCE`.
    /// - For the length of `'data`, its memory can be read, and nobody writes to it; or it is memory of
    ///   the current process.
    #[inline]
    #[must_use]
    pub unsafe fn from_raw<'iov>(ptr: *mut bindings::iov_iter) -> &'iov mut IovIterSource<'data> {
        // INVARIANT: The caller says so.
        //
        // SAFETY: `IovIterSource` is a transparent wrapper of `iov_iter`, and the reference is the only
        // one for the length of `'iov`.
        unsafe { &mut *ptr.cast::<IovIterSource<'data>>() }
    }

    /// The C structure.
    #[inline]
    pub fn as_raw(&mut self) -> *mut bindings::iov_iter {
        self.iov.get()
    }

    /// How many bytes are left.
    #[inline]
    pub fn len(&self) -> usize {
        // SAFETY: A reference to an iterator is to an initialised one.
        unsafe { bindings::iov_iter_count(self.iov.get()) }
    }

    /// Whether no bytes are left.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Passes over the next `bytes` bytes, or all if fewer are left.
    #[inline]
    pub fn advance(&mut self, bytes: usize) {
        // SAFETY: The iterator is initialised; C bounds the number by what is left.
        unsafe { bindings::iov_iter_advance(self.as_raw(), bytes) };
    }

    /// Goes back by `bytes` bytes, so that they can be copied once more.
    ///
    /// A process may have changed its memory since; what was checked before has to be checked again.
    ///
    /// # Safety
    ///
    /// The iterator has been moved on by at least `bytes` bytes, by copies or
    /// [`advance`](Self::advance), and less what was gone back already, since it came from C.
    #[inline]
    pub unsafe fn revert(&mut self, bytes: usize) {
        // SAFETY: The iterator is initialised; the caller says that it does not go back beyond its
        // beginning.
        unsafe { bindings::iov_iter_revert(self.as_raw(), bytes) };
    }

    /// Copies the next bytes to `out`, and returns how many.
    ///
    /// These are fewer than `out` has room for if fewer are left, or if memory of a process can't be
    /// read. What is in the rest of `out` is unspecified.
    #[inline]
    pub fn copy_from_iter(&mut self, out: &mut [u8]) -> usize {
        // SAFETY: `out` is valid for writes of its length, and any bytes may be written to it.
        unsafe { self.copy_to_ptr(out.as_mut_ptr().cast(), out.len()) }
    }

    /// Appends all bytes that are left to `out`, and returns how many.
    ///
    /// How many there are is up to the process: look at [`len`](Self::len) first if that matters. They
    /// are fewer if the process's memory can't be read; then this iterator is not empty afterwards.
    ///
    /// # Errors
    ///
    /// `ENOMEM` if `out` can't grow. Nothing is copied, then.
    pub fn copy_from_iter_vec<A: Allocator>(
        &mut self,
        out: &mut Vec<u8, A>,
        flags: Flags,
    ) -> Result<usize> {
        out.reserve(self.len(), flags)?;
        let copied = self.copy_from_iter_raw(out.spare_capacity_mut()).len();
        // SAFETY: As many bytes of the spare capacity are initialised now.
        unsafe { out.inc_len(copied) };
        Ok(copied)
    }

    /// Copies the next bytes to `out`, and returns the part of it that is initialised thereby.
    ///
    /// That part is shorter than `out` if fewer bytes are left, or if memory of a process can't be
    /// read.
    #[inline]
    pub fn copy_from_iter_raw<'buf>(&mut self, out: &'buf mut [MaybeUninit<u8>]) -> &'buf mut [u8] {
        // SAFETY: `out` is valid for writes of its length.
        let copied = unsafe { self.copy_to_ptr(out.as_mut_ptr().cast(), out.len()) };
        // SAFETY: The first `copied` bytes of `out` have just been written, and it stays borrowed for
        // as long as the result.
        unsafe { core::slice::from_raw_parts_mut(out.as_mut_ptr().cast(), copied) }
    }

    /// Copies up to `len` bytes to `to`, and returns how many: not more than `len`, and all of them
    /// are written.
    ///
    /// # Safety
    ///
    /// `to` is valid for writes of `len` bytes.
    #[inline]
    unsafe fn copy_to_ptr(&mut self, to: *mut c_void, len: usize) -> usize {
        // SAFETY: The iterator is a source by the type invariants, and its memory can be read; the
        // caller vouches for the destination.
        unsafe { bindings::_copy_from_iter(to, len, self.as_raw()) }
    }
}

/// Memory in pieces, to copy to: a [`struct iov_iter`] whose direction is `ITER_DEST`.
///
/// `'data` is for how long the memory can be written. If it is that of a process, the iterator is of
/// no use in another one; so it stays on its thread.
///
/// # Examples
///
/// ```
/// use kernel::iov::IovIterDest;
///
/// /// Fills all that is asked for with ascending numbers.
/// fn read_numbers(iov: &mut IovIterDest<'_>) -> Result<usize> {
///     let mut written = 0;
///     while !iov.is_empty() {
///         if iov.copy_to_iter(&[written as u8]) == 0 {
///             return Err(EFAULT);
///         }
///         written += 1;
///     }
///     Ok(written)
/// }
///
/// # use kernel::bindings;
/// # let (mut one, mut two) = ([0u8; 2], [0u8; 3]);
/// # let vecs = [&mut one[..], &mut two[..]].map(|bytes| bindings::kvec {
/// #     iov_base: bytes.as_mut_ptr().cast(),
/// #     iov_len: bytes.len(),
/// # });
/// # let mut iter = bindings::iov_iter::default();
/// # // SAFETY: The vectors are in scope as long as the iterator is.
/// # unsafe { bindings::iov_iter_kvec(&mut iter, bindings::ITER_DEST, vecs.as_ptr(), 2, 5) };
/// # // SAFETY: As above; it is a destination.
/// # let iov = unsafe { IovIterDest::from_raw(&raw mut iter) };
/// // There are two pieces, of two and three bytes.
/// assert_eq!(read_numbers(iov)?, 5);
/// assert_eq!((one, two), ([0, 1], [2, 3, 4]));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The iterator's direction is `ITER_DEST`, and for the length of `'data` nobody else uses its memory,
/// or it is that of a process.
///
/// [`struct iov_iter`]: srctree/include/linux/uio.h
#[repr(transparent)]
pub struct IovIterDest<'data> {
    iov: Opaque<bindings::iov_iter>,
    _data: PhantomData<&'data mut [u8]>,
    _stays_here: NotThreadSafe,
}

impl<'data> IovIterDest<'data> {
    /// Takes C's iterator for a reference.
    ///
    /// # Safety
    ///
    /// - For the length of `'iov`, `ptr` points to an initialised `iov_iter`, which nobody else uses.
    /// - Its direction is `ITER_DEST`.
    /// - For the length of `'data`, its memory can be written, and nobody else uses it; or it is memory
    ///   of the current process.
    #[inline]
    #[must_use]
    pub unsafe fn from_raw<'iov>(ptr: *mut bindings::iov_iter) -> &'iov mut IovIterDest<'data> {
        // INVARIANT: The caller says so.
        //
        // SAFETY: `IovIterDest` is a transparent wrapper of `iov_iter`, and the reference is the only
        // one for the length of `'iov`.
        unsafe { &mut *ptr.cast::<IovIterDest<'data>>() }
    }

    /// The C structure.
    #[inline]
    pub fn as_raw(&mut self) -> *mut bindings::iov_iter {
        self.iov.get()
    }

    /// For how many bytes there is room left.
    #[inline]
    pub fn len(&self) -> usize {
        // SAFETY: A reference to an iterator is to an initialised one.
        unsafe { bindings::iov_iter_count(self.iov.get()) }
    }

    /// Whether there is no room left.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Passes over the next `bytes` bytes, or all if fewer are left, and leaves them as they are.
    #[inline]
    pub fn advance(&mut self, bytes: usize) {
        // SAFETY: The iterator is initialised; C bounds the number by what is left.
        unsafe { bindings::iov_iter_advance(self.as_raw(), bytes) };
    }

    /// Goes back by `bytes` bytes, so that they can be written once more.
    ///
    /// A process may have seen already what was written the first time.
    ///
    /// # Safety
    ///
    /// The iterator has been moved on by at least `bytes` bytes, by copies or
    /// [`advance`](Self::advance), and less what was gone back already, since it came from C.
    #[inline]
    pub unsafe fn revert(&mut self, bytes: usize) {
        // SAFETY: The iterator is initialised; the caller says that it does not go back beyond its
        // beginning.
        unsafe { bindings::iov_iter_revert(self.as_raw(), bytes) };
    }

    /// Copies `input` to the next bytes, and returns how many.
    ///
    /// These are fewer than `input` has if there is not enough room, or if memory of a process can't
    /// be written.
    #[inline]
    pub fn copy_to_iter(&mut self, input: &[u8]) -> usize {
        // SAFETY: `input` is valid for reads of its length. The iterator is a destination by the type
        // invariants, and its memory can be written.
        unsafe { bindings::_copy_to_iter(input.as_ptr().cast(), input.len(), self.as_raw()) }
    }

    /// Handles a read from a file whose contents are `contents`: copies what there is from `ppos` on,
    /// as far as there is room, moves `ppos` on, and returns how many bytes that were.
    ///
    /// At the end of the contents and beyond, these are none.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if `ppos` is negative.
    /// - `EFAULT` if there is something to copy, and room for it, and not even the first byte of the
    ///   process's memory can be written.
    pub fn simple_read_from_buffer(&mut self, ppos: &mut i64, contents: &[u8]) -> Result<usize> {
        if *ppos < 0 {
            return Err(EINVAL);
        }
        // A position that is no index is behind the end.
        let rest = usize::try_from(*ppos)
            .ok()
            .and_then(|start| contents.get(start..))
            .unwrap_or_default();
        if rest.is_empty() || self.is_empty() {
            return Ok(0);
        }
        let copied = self.copy_to_iter(rest);
        if copied == 0 {
            return Err(EFAULT);
        }
        // No overflow: the end of the contents is an index, and no slice has more than `isize::MAX`.
        *ppos += copied as i64;
        Ok(copied)
    }
}
