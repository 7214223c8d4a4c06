// SPDX-License-Identifier: GPL-2.0

//! The memory of user space.
//!
//! A process passes an address and a length, with [`ioctl(2)`] for instance, and everything about
//! them is up to the process: the address may be mapped or not, belong to the kernel, or be
//! unmapped by another thread in the very moment; and what is read twice may differ the second
//! time. So
//!
//! * user memory is copied, never borrowed: in by a [`UserSliceReader`], out by a
//!   [`UserSliceWriter`];
//! * a copy that can't be made is [`EFAULT`], whatever the reason;
//! * each reader and writer goes over its bytes once, from start to end, so that nothing is read
//!   twice by accident: whoever checks a value and then uses it does both on one copy. Where a
//!   second look is meant, [`clone_reader`] and a second [`UserSlice`] say so.
//!
//! All of it may sleep, for a page to be brought in, and works on the address space of the current
//! process: it is for system calls, not for interrupts and work queues.
//!
//! C header: [`include/linux/uaccess.h`].
//!
//! # Examples
//!
//! A command that gives back what it was given, plus one. A length that is too short for the
//! structure is an error too, without any check here:
//!
//! ```
//! use kernel::uaccess::{UserPtr, UserSlice};
//!
//! fn increment(arg: UserPtr, len: usize) -> Result {
//!     let (mut reader, mut writer) = UserSlice::new(arg, len).reader_writer();
//!     let value = reader.read::<u32>()?;
//!     writer.write(&value.wrapping_add(1))
//! }
//!
//! // An address that no process has.
//! let nowhere = UserPtr::from_addr(usize::MAX - 4095);
//! assert_eq!(increment(nowhere, 4), Err(EFAULT));
//! assert_eq!(increment(nowhere, 3), Err(EFAULT));
//! ```
//!
//! [`ioctl(2)`]: https://man7.org/linux/man-pages/man2/ioctl.2.html
//! [`EFAULT`]: crate::error::code::EFAULT
//! [`clone_reader`]: UserSliceReader::clone_reader
//! [`include/linux/uaccess.h`]: srctree/include/linux/uaccess.h

use crate::{
    alloc::{Allocator, Flags},
    bindings,
    prelude::*,
    transmute::{AsBytes, FromBytes},
};
use core::mem::MaybeUninit;

#[doc(hidden)]
pub mod contents;

/// An address in user space: C's `void __user *`.
///
/// A number, as far as Rust is concerned: it need not be valid, and may be null, which is what all
/// zeroes are.
///
/// # Examples
///
/// ```
/// use kernel::uaccess::UserPtr;
///
/// let ptr = UserPtr::from_addr(0x1000);
/// assert_eq!(ptr.wrapping_byte_add(8).as_const_ptr() as usize, 0x1008);
///
/// let null: UserPtr = pin_init::zeroed();
/// assert!(null.as_const_ptr().is_null());
/// ```
#[repr(transparent)]
#[derive(Clone, Copy, Zeroable)]
pub struct UserPtr(*mut c_void);

impl UserPtr {
    /// Returns the address `add` bytes further on, which wraps around at the end of the address
    /// space.
    #[inline]
    pub fn wrapping_byte_add(self, add: usize) -> UserPtr {
        Self(self.0.wrapping_byte_add(add))
    }

    /// Takes a pointer as bindings have it.
    #[inline]
    pub fn from_ptr(addr: *mut c_void) -> Self {
        UserPtr(addr)
    }

    /// Returns the pointer, for C functions that write to user space.
    #[inline]
    pub fn as_mut_ptr(self) -> *mut c_void {
        self.0
    }

    /// Returns the pointer, for C functions that read from user space.
    #[inline]
    pub fn as_const_ptr(self) -> *const c_void {
        self.0
    }

    /// Takes an address, such as the last argument of an ioctl.
    #[inline]
    pub fn from_addr(addr: usize) -> Self {
        UserPtr(core::ptr::without_provenance_mut(addr))
    }
}

/// A stretch of user memory: an address and a length, both unchecked.
///
/// Turn it into what is needed: [`reader`](Self::reader), [`writer`](Self::writer), or
/// [`reader_writer`](Self::reader_writer) for an argument that goes both ways.
///
/// # Examples
///
/// ```
/// use kernel::uaccess::{UserPtr, UserSlice};
///
/// fn load(ptr: UserPtr, len: usize) -> Result<KVec<u8>> {
///     let mut bytes = KVec::new();
///     UserSlice::new(ptr, len).read_all(&mut bytes, GFP_KERNEL)?;
///     Ok(bytes)
/// }
///
/// let nowhere = UserPtr::from_addr(usize::MAX - 4095);
/// assert_eq!(load(nowhere, 16).err(), Some(EFAULT));
/// // No bytes: no address to be wrong.
/// assert_eq!(load(nowhere, 0)?.len(), 0);
/// # Ok::<(), Error>(())
/// ```
pub struct UserSlice {
    span: Span,
}

impl UserSlice {
    /// Describes `length` bytes at `ptr`. Nothing is checked yet, nor needs to be by the caller.
    #[inline]
    pub fn new(ptr: UserPtr, length: usize) -> Self {
        UserSlice {
            span: Span {
                start: ptr,
                len: length,
            },
        }
    }

    /// Starts to read and to write, both at the start.
    ///
    /// The two know nothing of each other: the process sees what is written at once, and the reader
    /// would see it too.
    #[inline]
    pub fn reader_writer(self) -> (UserSliceReader, UserSliceWriter) {
        (
            UserSliceReader { span: self.span },
            UserSliceWriter { span: self.span },
        )
    }

    /// Starts to read.
    #[inline]
    pub fn reader(self) -> UserSliceReader {
        UserSliceReader { span: self.span }
    }

    /// Appends all bytes to `buf`: see [`UserSliceReader::read_all`].
    ///
    /// # Errors
    ///
    /// [`EFAULT`] if the memory can't be read, [`ENOMEM`] if `buf` can't grow.
    pub fn read_all<A: Allocator>(self, buf: &mut Vec<u8, A>, flags: Flags) -> Result {
        self.reader().read_all(buf, flags)
    }

    /// Starts to write.
    #[inline]
    pub fn writer(self) -> UserSliceWriter {
        UserSliceWriter { span: self.span }
    }
}

/// What is left of some user memory.
#[derive(Clone, Copy)]
struct Span {
    start: UserPtr,
    len: usize,
}

impl Span {
    /// Returns what is left behind the first `len` bytes, if there are as many.
    fn behind(self, len: usize) -> Result<Span> {
        Ok(Span {
            start: self.start.wrapping_byte_add(len),
            len: self.len.checked_sub(len).ok_or(EFAULT)?,
        })
    }
}

/// Finds the part of a buffer of `len` bytes that starts at `offset` and has at most `most` bytes.
/// Where the offset is beyond the end, that is nothing.
fn window(len: usize, offset: usize, most: usize) -> core::ops::Range<usize> {
    let start = offset.min(len);
    start..start + (len - start).min(most)
}

/// Takes the position in a file for an index. `None` is one that no buffer reaches.
fn index_of(position: bindings::loff_t) -> Result<Option<usize>> {
    if position < 0 {
        return Err(EINVAL);
    }
    Ok(usize::try_from(position).ok())
}

/// Moves on the position in a file, by what a buffer had there.
fn move_on(position: &mut bindings::loff_t, len: usize) -> Result {
    let len = bindings::loff_t::try_from(len)?;
    *position = position.checked_add(len).ok_or(EOVERFLOW)?;
    Ok(())
}

/// Reads user memory, from start to end.
///
/// A failed read leaves the reader where it was. What the destination then holds is unspecified.
///
/// # Examples
///
/// A structure with its size in front, so that both sides may be newer than the other:
///
/// ```
/// use kernel::uaccess::{UserPtr, UserSlice, UserSliceReader};
///
/// fn settings(reader: &mut UserSliceReader) -> Result<[u8; 8]> {
///     let size = reader.read::<u32>()? as usize;
///     let mut settings = [0; 8];
///     let known = size.min(settings.len());
///     reader.read_slice(&mut settings[..known])?;
///     reader.skip(size - known)?;
///     Ok(settings)
/// }
///
/// let mut reader = UserSlice::new(UserPtr::from_addr(usize::MAX - 4095), 64).reader();
/// assert_eq!(settings(&mut reader), Err(EFAULT));
/// assert_eq!(reader.len(), 64);
/// ```
pub struct UserSliceReader {
    span: Span,
}

impl UserSliceReader {
    /// Passes over the next `num_skip` bytes, which need not be readable.
    ///
    /// # Errors
    ///
    /// [`EFAULT`] if fewer are left.
    pub fn skip(&mut self, num_skip: usize) -> Result {
        self.span = self.span.behind(num_skip)?;
        Ok(())
    }

    /// Makes another reader of what is left.
    ///
    /// The process may change the memory in between: the two readers need not see the same.
    /// Whatever is checked on one and used from the other is a hole.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::uaccess::{UserPtr, UserSlice};
    ///
    /// let mut reader = UserSlice::new(UserPtr::from_addr(0), 8).reader();
    /// let rest = reader.clone_reader();
    /// reader.skip(5)?;
    /// assert_eq!((reader.len(), rest.len()), (3, 8));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn clone_reader(&self) -> UserSliceReader {
        UserSliceReader { span: self.span }
    }

    /// Tells whether no byte is left.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many bytes are left.
    #[inline]
    pub fn len(&self) -> usize {
        self.span.len
    }

    /// Fills `out` with the next bytes, and so initialises it.
    ///
    /// # Errors
    ///
    /// [`EFAULT`] if fewer are left, or if the memory can't be read. Part of `out` may have been
    /// written then.
    pub fn read_raw(&mut self, out: &mut [MaybeUninit<u8>]) -> Result {
        let len = out.len();
        let rest = self.span.behind(len)?;

        // Not even an invalid address matters if there is nothing to copy.
        if len > 0 {
            let to = out.as_mut_ptr().cast::<c_void>();
            let from = self.span.start.as_const_ptr();
            // SAFETY: `to` is valid for writes of `len` bytes; the other address may be anything.
            let missing = unsafe { bindings::copy_from_user(to, from, len) };
            if missing > 0 {
                return Err(EFAULT);
            }
        }

        self.span = rest;
        Ok(())
    }

    /// Fills `out` with the next bytes.
    ///
    /// # Errors
    ///
    /// [`EFAULT`] if fewer are left, or if the memory can't be read. Part of `out` may have changed
    /// then.
    pub fn read_slice(&mut self, out: &mut [u8]) -> Result {
        let out = core::ptr::from_mut(out) as *mut [MaybeUninit<u8>];
        // SAFETY: The two element types have one layout, `out` stays borrowed, and `read_raw` only
        // ever writes initialised bytes.
        self.read_raw(unsafe { &mut *out })
    }

    /// Fills `out` from `offset` on with as many of the next bytes as there are, and as there is
    /// room for; returns how many.
    ///
    /// An offset at or beyond the end of `out` reads nothing.
    ///
    /// # Errors
    ///
    /// [`EFAULT`] if the memory can't be read.
    pub fn read_slice_partial(&mut self, out: &mut [u8], offset: usize) -> Result<usize> {
        let window = window(out.len(), offset, self.len());
        let len = window.len();
        self.read_slice(&mut out[window])?;
        Ok(len)
    }

    /// Handles a write to a file whose contents are `out`: reads as
    /// [`read_slice_partial`](Self::read_slice_partial) does, and moves `offset`, the position in
    /// the file, on.
    ///
    /// # Errors
    ///
    /// [`EINVAL`] for a negative position, [`EFAULT`] if the memory can't be read.
    pub fn read_slice_file(
        &mut self,
        out: &mut [u8],
        offset: &mut bindings::loff_t,
    ) -> Result<usize> {
        let Some(index) = index_of(*offset)? else {
            return Ok(0);
        };
        let len = self.read_slice_partial(out, index)?;
        move_on(offset, len)?;
        Ok(len)
    }

    /// Reads a value of type `T` from the next bytes.
    ///
    /// # Errors
    ///
    /// [`EFAULT`] if fewer are left, or if the memory can't be read.
    pub fn read<T: FromBytes>(&mut self) -> Result<T> {
        let mut value = MaybeUninit::<T>::uninit();
        let bytes = value.as_mut_ptr().cast::<MaybeUninit<u8>>();
        // SAFETY: A value has as many bytes as its type says, and these may be uninitialised. The
        // slice is not used beyond this statement.
        let bytes = unsafe { core::slice::from_raw_parts_mut(bytes, size_of::<T>()) };
        self.read_raw(bytes)?;
        // SAFETY: All bytes are initialised, and by `FromBytes` any bytes make a value.
        Ok(unsafe { value.assume_init() })
    }

    /// Appends all bytes that are left to `buf`.
    ///
    /// The process decides how many that are: bound the length first, or have `flags` say that the
    /// memory is accounted for.
    ///
    /// # Errors
    ///
    /// [`EFAULT`] if the memory can't be read, [`ENOMEM`] if `buf` can't grow. Its contents are as
    /// they were, then.
    pub fn read_all<A: Allocator>(mut self, buf: &mut Vec<u8, A>, flags: Flags) -> Result {
        let len = self.len();
        buf.reserve(len, flags)?;

        self.read_raw(&mut buf.spare_capacity_mut()[..len])?;
        // SAFETY: `reserve` made room for `len` more elements, and `read_raw` initialised them.
        unsafe { buf.inc_len(len) };
        Ok(())
    }

    /// Reads a string, up to and with its NUL, into `buf`: [`strncpy_from_user`].
    ///
    /// A string that is too long for `buf` is cut off, and terminated there.
    ///
    /// # Errors
    ///
    /// * [`EFAULT`] if the memory can't be read, or if neither a NUL comes nor `buf` is full before
    ///   the bytes end.
    /// * [`EINVAL`] if `buf` has no room even for the NUL.
    ///
    /// [`strncpy_from_user`]: srctree/include/linux/uaccess.h
    pub fn strcpy_into_buf<'buf>(self, buf: &'buf mut [u8]) -> Result<&'buf CStr> {
        let Some(last) = buf.len().checked_sub(1) else {
            return Err(EINVAL);
        };
        let most = buf.len().min(self.len());
        // Not a byte to look at, and some architectures would look at one.
        if most == 0 {
            return Err(EFAULT);
        }

        let to = buf.as_mut_ptr().cast::<c_char>();
        let from = self.span.start.as_const_ptr().cast::<c_char>();
        // `most` fits: no slice has more than `isize::MAX` bytes.
        //
        // SAFETY: `to` is valid for writes of `most` bytes; the other address may be anything.
        let status = unsafe { bindings::strncpy_from_user(to, from, most as c_long) };
        // The length without the NUL, or `most` if there is no NUL.
        let len = usize::try_from(status).map_err(|_| EFAULT)?;

        if len == most {
            if most <= last {
                return Err(EFAULT);
            }
            buf[last] = 0;
        }
        // Now there is a NUL at `len`, or else at `last`, and none before.
        CStr::from_bytes_until_nul(buf).map_err(|_| EFAULT)
    }
}

/// Memory that a device may write to at any time, and that [`UserSliceWriter::write_dma`] copies.
///
/// Not API: it stands for `dma::Coherent`, which is defined in a crate above this one.
///
/// # Safety
///
/// What [`bytes`](Self::bytes) returns is valid for reads as long as the value is borrowed.
#[doc(hidden)]
pub unsafe trait DmaBytes {
    /// Returns where the memory is in the kernel's address space, and how many bytes it has.
    fn bytes(&self) -> *const [u8];
}

/// Writes user memory, from start to end.
///
/// A failed write leaves the writer where it was; the process may see some of the bytes, though.
///
/// # Examples
///
/// ```
/// use kernel::uaccess::{UserPtr, UserSlice, UserSliceWriter};
///
/// fn report(writer: &mut UserSliceWriter, values: &[u16]) -> Result {
///     writer.write(&(values.len() as u32))?;
///     for value in values {
///         writer.write(value)?;
///     }
///     Ok(())
/// }
///
/// let mut writer = UserSlice::new(UserPtr::from_addr(usize::MAX - 4095), 8).writer();
/// assert_eq!(report(&mut writer, &[1, 2]), Err(EFAULT));
/// assert_eq!(writer.len(), 8);
/// ```
pub struct UserSliceWriter {
    span: Span,
}

impl UserSliceWriter {
    /// Returns how many bytes there is room for.
    #[inline]
    pub fn len(&self) -> usize {
        self.span.len
    }

    /// Tells whether there is no room.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes `len` bytes from `from`, and moves on.
    ///
    /// # Safety
    ///
    /// `from` is valid for reads of `len` bytes.
    unsafe fn write_raw(&mut self, from: *const u8, len: usize) -> Result {
        let rest = self.span.behind(len)?;

        // Not even an invalid address matters if there is nothing to copy.
        if len > 0 {
            let to = self.span.start.as_mut_ptr();
            let from = from.cast::<c_void>();
            // SAFETY: `from` is valid for reads of `len` bytes, as the caller promises; the other
            // address may be anything.
            let missing = unsafe { bindings::copy_to_user(to, from, len) };
            if missing > 0 {
                return Err(EFAULT);
            }
        }

        self.span = rest;
        Ok(())
    }

    /// Writes all of `data`.
    ///
    /// # Errors
    ///
    /// [`EFAULT`] if there is not so much room, or if the memory can't be written.
    pub fn write_slice(&mut self, data: &[u8]) -> Result {
        // SAFETY: Pointer and length are those of a slice.
        unsafe { self.write_raw(data.as_ptr(), data.len()) }
    }

    /// Writes `count` bytes of memory that a device shares, from `offset` on.
    ///
    /// The device may write to it meanwhile; the process then sees a mixture.
    ///
    /// # Errors
    ///
    /// * [`EOVERFLOW`] if `offset` and `count` add up to more than a `usize` holds.
    /// * [`ERANGE`] if they reach beyond the memory, or if there is no room for `count` bytes.
    /// * [`EFAULT`] if the user's memory can't be written.
    pub fn write_dma<M: DmaBytes + ?Sized>(
        &mut self,
        memory: &M,
        offset: usize,
        count: usize,
    ) -> Result {
        let bytes = memory.bytes();
        let end = offset.checked_add(count).ok_or(EOVERFLOW)?;
        if end > bytes.len() || count > self.len() {
            return Err(ERANGE);
        }

        let from = bytes.cast::<u8>().wrapping_add(offset);
        // SAFETY: All of `bytes` are valid for reads while `memory` is borrowed, by the trait's
        // promise, and the part from `offset` to `end` is within.
        unsafe { self.write_raw(from, count) }
    }

    /// Writes as much of `data`, from `offset` on, as there is, and as there is room for; returns
    /// how much.
    ///
    /// An offset at or beyond the end of `data` writes nothing.
    ///
    /// # Errors
    ///
    /// [`EFAULT`] if the memory can't be written.
    pub fn write_slice_partial(&mut self, data: &[u8], offset: usize) -> Result<usize> {
        let window = window(data.len(), offset, self.len());
        let len = window.len();
        self.write_slice(&data[window])?;
        Ok(len)
    }

    /// Handles a read from a file whose contents are `data`: writes as
    /// [`write_slice_partial`](Self::write_slice_partial) does, and moves `offset`, the position in
    /// the file, on.
    ///
    /// # Errors
    ///
    /// [`EINVAL`] for a negative position, [`EFAULT`] if the memory can't be written.
    pub fn write_slice_file(
        &mut self,
        data: &[u8],
        offset: &mut bindings::loff_t,
    ) -> Result<usize> {
        let Some(index) = index_of(*offset)? else {
            return Ok(0);
        };
        let len = self.write_slice_partial(data, index)?;
        move_on(offset, len)?;
        Ok(len)
    }

    /// Writes the bytes of a value.
    ///
    /// # Errors
    ///
    /// [`EFAULT`] if there is not so much room, or if the memory can't be written.
    pub fn write<T: AsBytes>(&mut self, value: &T) -> Result {
        let from = core::ptr::from_ref(value).cast::<u8>();
        // SAFETY: A reference is valid for reads of its value, and by `AsBytes` none of the bytes
        // is uninitialised.
        unsafe { self.write_raw(from, size_of::<T>()) }
    }
}

#[cfg(CONFIG_KUNIT = "y")]
mod tests;
