// SPDX-License-Identifier: GPL-2.0

//! What the files do when they are read and written.
//!
//! There are two kinds of files, each with one table of C's for all types of data. *Text* that is
//! shown goes through a `seq_file`, so that what a process reads in pieces is what was shown once.
//! All else works on *bytes*, and on the memory of the process directly.
//!
//! A file has a pointer to the data, and another to the [`Operations`] for data of this type. These
//! lie in the driver. Nothing looks at them once the file was removed, and that is why the tables,
//! which C does look at when a process closes the file after that, are statics of this crate: a
//! driver can be unloaded while its files are open.

use super::{BinaryReader, BinaryWriter, Reader, Writer};
use crate::{
    fmt,
    fs::file::Offset,
    prelude::*,
    uaccess::{UserSliceReader, UserSliceWriter},
};
use core::{marker::PhantomData, ptr::NonNull};

#[cfg(CONFIG_DEBUG_FS)]
mod table;
#[cfg(CONFIG_DEBUG_FS)]
pub(super) use table::{BYTES, TEXT};

/// Shows the data.
///
/// # Safety
///
/// The pointer is valid for shared use as the type that the function is for.
type Show = unsafe fn(*const c_void, &mut fmt::Formatter<'_>) -> fmt::Result;

/// Handles a read from a file of bytes.
///
/// # Safety
///
/// As for [`Show`].
type Read = unsafe fn(*const c_void, &mut UserSliceWriter, &mut Offset) -> Result<usize>;

/// Handles a write to a file of either kind.
///
/// # Safety
///
/// As for [`Show`].
type Write = unsafe fn(*const c_void, &mut UserSliceReader, &mut Offset) -> Result<usize>;

/// What is done with data of a type that has been forgotten.
pub(super) struct Operations {
    #[cfg_attr(not(CONFIG_DEBUG_FS), expect(dead_code, reason = "there are no files"))]
    show: Option<Show>,
    #[cfg_attr(not(CONFIG_DEBUG_FS), expect(dead_code, reason = "there are no files"))]
    read: Option<Read>,
    #[cfg_attr(not(CONFIG_DEBUG_FS), expect(dead_code, reason = "there are no files"))]
    write: Option<Write>,
}

/// What is done with data of type `T`, and so what file it takes.
///
/// # Invariants
///
/// The functions in `operations` are for a `T`.
pub(super) struct FileOps<T> {
    #[cfg_attr(not(CONFIG_DEBUG_FS), expect(dead_code, reason = "there are no files"))]
    operations: Operations,
    _data: PhantomData<fn(&T)>,
}

#[cfg(CONFIG_DEBUG_FS)]
impl Operations {
    /// Whether this is for a file of text that can be read.
    pub(super) const fn is_text(&self) -> bool {
        self.show.is_some()
    }
}

#[cfg(CONFIG_DEBUG_FS)]
impl<T> FileOps<T> {
    /// Forgets the type.
    pub(super) const fn erased(&self) -> &Operations {
        &self.operations
    }

    /// The mode of the file: what root may do.
    pub(super) const fn mode(&self) -> crate::bindings::umode_t {
        let reads = self.operations.show.is_some() || self.operations.read.is_some();
        let writes = self.operations.write.is_some();
        (if reads { 0o400 } else { 0 }) | (if writes { 0o200 } else { 0 })
    }
}

impl<T> FileOps<T> {
    /// Text that is shown by `show`, and changed by `write`.
    ///
    /// # Safety
    ///
    /// The functions are for a `T`.
    const unsafe fn text(show: Option<Show>, write: Option<Write>) -> Self {
        // INVARIANT: By the contract.
        Self {
            operations: Operations {
                show,
                read: None,
                write,
            },
            _data: PhantomData,
        }
    }

    /// Bytes that are read by `read`, and written by `write`.
    ///
    /// # Safety
    ///
    /// The functions are for a `T`.
    const unsafe fn bytes(read: Option<Read>, write: Option<Write>) -> Self {
        // INVARIANT: By the contract.
        Self {
            operations: Operations {
                show: None,
                read,
                write,
            },
            _data: PhantomData,
        }
    }

    /// A text to look at.
    pub(super) const fn read_only() -> &'static Self
    where
        T: Writer,
    {
        const {
            // SAFETY: For a `T`.
            &unsafe { Self::text(Some(show::<T>), None) }
        }
    }

    /// A text to change.
    pub(super) const fn write_only() -> &'static Self
    where
        T: Reader,
    {
        const {
            // SAFETY: For a `T`.
            &unsafe { Self::text(None, Some(store::<T>)) }
        }
    }

    /// A text to look at and change.
    pub(super) const fn read_write() -> &'static Self
    where
        T: Writer + Reader,
    {
        const {
            // SAFETY: For a `T`.
            &unsafe { Self::text(Some(show::<T>), Some(store::<T>)) }
        }
    }

    /// Bytes to look at.
    pub(super) const fn binary_read_only() -> &'static Self
    where
        T: BinaryWriter,
    {
        const {
            // SAFETY: For a `T`.
            &unsafe { Self::bytes(Some(read::<T>), None) }
        }
    }

    /// Bytes to change.
    pub(super) const fn binary_write_only() -> &'static Self
    where
        T: BinaryReader,
    {
        const {
            // SAFETY: For a `T`.
            &unsafe { Self::bytes(None, Some(write::<T>)) }
        }
    }

    /// Bytes to look at and change.
    pub(super) const fn binary_read_write() -> &'static Self
    where
        T: BinaryWriter + BinaryReader,
    {
        const {
            // SAFETY: For a `T`.
            &unsafe { Self::bytes(Some(read::<T>), Some(write::<T>)) }
        }
    }

    /// A text that a function makes.
    pub(super) const fn read_callback<F>(_: &'static F) -> &'static Self
    where
        F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Sync,
    {
        const {
            // SAFETY: For a `T`; there is an `F`, for ever.
            &unsafe { Self::text(Some(show_by::<T, F>), None) }
        }
    }

    /// A text that a function takes.
    pub(super) const fn write_callback<W>(_: &'static W) -> &'static Self
    where
        W: Fn(&T, &mut UserSliceReader) -> Result + Sync,
    {
        const {
            // SAFETY: For a `T`; there is a `W`, for ever.
            &unsafe { Self::text(None, Some(store_by::<T, W>)) }
        }
    }

    /// A text that one function makes, and another takes.
    pub(super) const fn read_write_callback<F, W>(_: &'static F, _: &'static W) -> &'static Self
    where
        F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Sync,
        W: Fn(&T, &mut UserSliceReader) -> Result + Sync,
    {
        const {
            // SAFETY: For a `T`; there are an `F` and a `W`, for ever.
            &unsafe { Self::text(Some(show_by::<T, F>), Some(store_by::<T, W>)) }
        }
    }
}

/// Returns the function of type `F`, which has captured nothing and so needs no memory.
///
/// A file has no place for a pointer to it. Where `F` has a size, this does not build.
///
/// # Safety
///
/// There is, or was, a `&'static F`.
unsafe fn function<F: 'static>() -> &'static F {
    const {
        assert!(
            size_of::<F>() == 0,
            "the function for a debugfs file captures something"
        );
    }
    // SAFETY: The pointer is not null and is aligned, which is all that a value without a size asks
    // of its address. By the contract such a value is never dropped.
    unsafe { NonNull::<F>::dangling().as_ref() }
}

/// Returns the data as what it is.
///
/// # Safety
///
/// `data` is valid for shared use as a `T` during `'a`.
unsafe fn as_data<'a, T>(data: *const c_void) -> &'a T {
    // SAFETY: By this function's contract.
    unsafe { &*data.cast::<T>() }
}

/// A [`Show`] of a [`Writer`].
///
/// # Safety
///
/// That of [`Show`].
unsafe fn show<T: Writer>(data: *const c_void, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // SAFETY: By the contract of `Show`.
    unsafe { as_data::<T>(data) }.write(f)
}

/// A [`Write`] of a [`Reader`]: the position says nothing, and stays.
///
/// # Safety
///
/// That of [`Write`].
unsafe fn store<T: Reader>(
    data: *const c_void,
    reader: &mut UserSliceReader,
    _: &mut Offset,
) -> Result<usize> {
    let len = reader.len();
    // SAFETY: By the contract of `Write`.
    unsafe { as_data::<T>(data) }.read_from_slice(reader)?;
    Ok(len)
}

/// A [`Read`] of a [`BinaryWriter`].
///
/// # Safety
///
/// That of [`Read`].
unsafe fn read<T: BinaryWriter>(
    data: *const c_void,
    writer: &mut UserSliceWriter,
    offset: &mut Offset,
) -> Result<usize> {
    // SAFETY: By the contract of `Read`.
    unsafe { as_data::<T>(data) }.write_to_slice(writer, offset)
}

/// A [`Write`] of a [`BinaryReader`].
///
/// # Safety
///
/// That of [`Write`].
unsafe fn write<T: BinaryReader>(
    data: *const c_void,
    reader: &mut UserSliceReader,
    offset: &mut Offset,
) -> Result<usize> {
    // SAFETY: By the contract of `Write`.
    unsafe { as_data::<T>(data) }.read_from_slice(reader, offset)
}

/// A [`Show`] by a function.
///
/// # Safety
///
/// That of [`Show`]; and there is, or was, a `&'static F`.
unsafe fn show_by<T, F>(data: *const c_void, f: &mut fmt::Formatter<'_>) -> fmt::Result
where
    F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + 'static,
{
    // SAFETY: By this function's contract.
    let function = unsafe { function::<F>() };
    // SAFETY: By the contract of `Show`.
    function(unsafe { as_data::<T>(data) }, f)
}

/// A [`Write`] by a function: the position says nothing, and stays.
///
/// # Safety
///
/// That of [`Write`]; and there is, or was, a `&'static W`.
unsafe fn store_by<T, W>(
    data: *const c_void,
    reader: &mut UserSliceReader,
    _: &mut Offset,
) -> Result<usize>
where
    W: Fn(&T, &mut UserSliceReader) -> Result + 'static,
{
    let len = reader.len();
    // SAFETY: By this function's contract.
    let function = unsafe { function::<W>() };
    // SAFETY: By the contract of `Write`.
    function(unsafe { as_data::<T>(data) }, reader)?;
    Ok(len)
}
