// SPDX-License-Identifier: GPL-2.0

//! Values that can be changed through a file.

use super::BinaryReaderMut;
use crate::{
    alloc::Allocator,
    fs::file::Offset,
    prelude::*,
    sync::{
        atomic::{Atomic, AtomicBasicOps, AtomicType, Relaxed},
        Arc, Mutex,
    },
    uaccess::UserSliceReader,
};
use core::{ops::Deref, str::FromStr};

/// How many bytes a text may have that [`parse`] takes.
const LONGEST: usize = 256;

/// A shared value that can be set through a file of text.
///
/// An [`Atomic`] can, and a [`Mutex`], when [`FromStr`] makes a value of text. Space at both ends of
/// the text does not count, the newline of `echo` least of all. The text is what a single `write(2)`
/// brings, at whichever position of the file.
///
/// # Examples
///
/// A value that also accepts words:
///
/// ```
/// use kernel::{
///     debugfs::{Dir, Reader},
///     sync::atomic::{Atomic, Relaxed},
///     uaccess::{UserPtr, UserSlice, UserSliceReader},
/// };
///
/// #[derive(Debug)]
/// struct Level(Atomic<i32>);
///
/// impl Reader for Level {
///     fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result {
///         let mut text = [0; 4];
///         let text = text.get_mut(..reader.len()).ok_or(EINVAL)?;
///         reader.read_slice(text)?;
///         let level = match text.trim_ascii_end() {
///             b"low" => 1,
///             b"high" => 9,
///             _ => return Err(EINVAL),
///         };
///         self.0.store(level, Relaxed);
///         Ok(())
///     }
/// }
///
/// let dir = Dir::new(c"doc_reader");
/// let level = KBox::pin_init(
///     dir.read_write_file(c"level", Level(Atomic::new(1))),
///     GFP_KERNEL,
/// )?;
///
/// let nowhere = UserPtr::from_addr(usize::MAX - 4095);
/// let mut reader = UserSlice::new(nowhere, 5).reader();
/// assert_eq!(level.read_from_slice(&mut reader), Err(EINVAL));
/// let mut reader = UserSlice::new(nowhere, 4).reader();
/// assert_eq!(level.read_from_slice(&mut reader), Err(EFAULT));
/// # Ok::<(), Error>(())
/// ```
///
/// [`Atomic`]: crate::sync::atomic::Atomic
/// [`Mutex`]: crate::sync::Mutex
pub trait Reader {
    /// Handles a write to the file, of all that `reader` has.
    ///
    /// # Errors
    ///
    /// What the process is to get: `EINVAL` for what is no value, by convention. It is to have
    /// changed nothing then.
    fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result;
}

/// Makes a value of the text in `reader`.
///
/// # Errors
///
/// `EINVAL` if the text is longer than [`LONGEST`], not in UTF-8, or not for `T`; `EFAULT` if it
/// can't be read.
fn parse<T: FromStr>(reader: &mut UserSliceReader) -> Result<T> {
    let mut buffer = [0; LONGEST];
    let text = buffer.get_mut(..reader.len()).ok_or(EINVAL)?;
    reader.read_slice(text)?;
    let text = core::str::from_utf8(text).map_err(|_| EINVAL)?;
    text.trim().parse().map_err(|_| EINVAL)
}

/// Sets the value, in place of the one before, which is dropped once the mutex is free again. The
/// text is read and parsed before the mutex is acquired.
///
/// `EINVAL` for more than 256 bytes, for what is not UTF-8, and for what `T` does not take.
impl<T: FromStr + Unpin> Reader for Mutex<T> {
    fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result {
        let value = parse(reader)?;
        let before = core::mem::replace(&mut *self.lock(), value);
        drop(before);
        Ok(())
    }
}

/// Stores the value, with [`Relaxed`].
///
/// `EINVAL` for more than 256 bytes, for what is not UTF-8, and for what `T` does not take.
impl<T: AtomicType + FromStr> Reader for Atomic<T>
where
    T::Repr: AtomicBasicOps,
{
    fn read_from_slice(&self, reader: &mut UserSliceReader) -> Result {
        self.store(parse(reader)?, Relaxed);
        Ok(())
    }
}

/// A shared value whose bytes can be written through a file.
///
/// A [`Mutex`] of something with [`BinaryReaderMut`] is one, and pointers to one. The value keeps
/// its size: a file does not grow.
///
/// # Examples
///
/// ```
/// use kernel::{
///     debugfs::{BinaryReader, Dir},
///     new_mutex,
///     uaccess::{UserPtr, UserSlice},
/// };
///
/// let dir = Dir::new(c"doc_binary_reader");
/// let table = KBox::pin_init(
///     dir.write_binary_file(c"table", new_mutex!([0u8; 16])),
///     GFP_KERNEL,
/// )?;
///
/// let mut reader = UserSlice::new(UserPtr::from_addr(usize::MAX - 4095), 8).reader();
/// assert_eq!(table.read_from_slice(&mut reader, &mut 8), Err(EFAULT));
/// // Behind the end there is room for nothing.
/// assert_eq!(table.read_from_slice(&mut reader, &mut 16), Ok(0));
/// # Ok::<(), Error>(())
/// ```
///
/// [`Mutex`]: crate::sync::Mutex
pub trait BinaryReader {
    /// Handles a write to the file: overwrites bytes of the value with those of `reader`, from
    /// `offset` on, the position in the file, moves that on, and returns how many bytes there were.
    ///
    /// At or beyond the end there is room for none, and the result is 0, as it is for C's
    /// `simple_write_to_buffer`. (Some programs then try for ever.)
    ///
    /// # Errors
    ///
    /// `EFAULT` if the memory of the process can't be read; part of the value may have changed then.
    /// `EINVAL` for a negative position.
    fn read_from_slice(&self, reader: &mut UserSliceReader, offset: &mut Offset) -> Result<usize>;
}

/// Changes the value while it holds the mutex.
///
/// Whoever writes to the file can delay the copying, and thus all who wait for the mutex.
impl<T: BinaryReaderMut + Unpin> BinaryReader for Mutex<T> {
    fn read_from_slice(&self, reader: &mut UserSliceReader, offset: &mut Offset) -> Result<usize> {
        T::read_from_slice_mut(&mut self.lock(), reader, offset)
    }
}

impl<T: ?Sized + BinaryReader, A: Allocator> BinaryReader for Box<T, A> {
    fn read_from_slice(&self, reader: &mut UserSliceReader, offset: &mut Offset) -> Result<usize> {
        T::read_from_slice(self, reader, offset)
    }
}

impl<T: ?Sized + BinaryReader, A: Allocator> BinaryReader for Pin<Box<T, A>> {
    fn read_from_slice(&self, reader: &mut UserSliceReader, offset: &mut Offset) -> Result<usize> {
        T::read_from_slice(self.deref(), reader, offset)
    }
}

impl<T: ?Sized + BinaryReader> BinaryReader for Arc<T> {
    fn read_from_slice(&self, reader: &mut UserSliceReader, offset: &mut Offset) -> Result<usize> {
        T::read_from_slice(self, reader, offset)
    }
}
