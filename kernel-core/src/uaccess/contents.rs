// SPDX-License-Identifier: GPL-2.0

//! Values whose bytes are the contents of a file.
//!
//! Not API under this path: drivers know the traits as `debugfs::BinaryWriter` and
//! `debugfs::BinaryReaderMut`. They are defined here, beside the types that they are implemented
//! for, because an implementation for everything with [`AsBytes`] leaves room for others only where
//! these types, or that trait, are at home.

use super::{UserSliceReader, UserSliceWriter};
use crate::{
    alloc::{Allocator, Box, Vec},
    bindings,
    error::Result,
    transmute::{AsBytes, FromBytes},
};
use core::{ops::Deref, pin::Pin};

/// A value whose bytes can be read from a file.
///
/// Everything with [`AsBytes`] is one, a [`Vec`] of such, and pointers to one.
pub trait BinaryWriter {
    /// Handles a read from the file: writes bytes of the value to `writer`, from `offset` on, the
    /// position in the file, moves that on, and returns how many bytes there were.
    ///
    /// At or beyond the end there are none, and the result is 0.
    ///
    /// # Errors
    ///
    /// `EFAULT` if the memory of the process can't be written, `EINVAL` for a negative position.
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut bindings::loff_t,
    ) -> Result<usize>;
}

impl<T: AsBytes> BinaryWriter for T {
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut bindings::loff_t,
    ) -> Result<usize> {
        writer.write_slice_file(self.as_bytes(), offset)
    }
}

impl<T, A> BinaryWriter for Vec<T, A>
where
    T: AsBytes,
    A: Allocator,
{
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut bindings::loff_t,
    ) -> Result<usize> {
        writer.write_slice_file(self.as_slice().as_bytes(), offset)
    }
}

impl<T, A> BinaryWriter for Box<T, A>
where
    T: BinaryWriter,
    A: Allocator,
{
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut bindings::loff_t,
    ) -> Result<usize> {
        T::write_to_slice(self, writer, offset)
    }
}

impl<T, A> BinaryWriter for Pin<Box<T, A>>
where
    T: BinaryWriter,
    A: Allocator,
{
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut bindings::loff_t,
    ) -> Result<usize> {
        T::write_to_slice(self.deref(), writer, offset)
    }
}

/// A value whose bytes can be written through a file, by who has it for itself.
///
/// Everything with [`AsBytes`] and [`FromBytes`] is one, a [`Vec`] of such, and a [`Box`] of one. The
/// value keeps its size: a file does not grow.
pub trait BinaryReaderMut {
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
    fn read_from_slice_mut(
        &mut self,
        reader: &mut UserSliceReader,
        offset: &mut bindings::loff_t,
    ) -> Result<usize>;
}

impl<T: AsBytes + FromBytes> BinaryReaderMut for T {
    fn read_from_slice_mut(
        &mut self,
        reader: &mut UserSliceReader,
        offset: &mut bindings::loff_t,
    ) -> Result<usize> {
        reader.read_slice_file(self.as_bytes_mut(), offset)
    }
}

impl<T, A> BinaryReaderMut for Vec<T, A>
where
    T: AsBytes + FromBytes,
    A: Allocator,
{
    fn read_from_slice_mut(
        &mut self,
        reader: &mut UserSliceReader,
        offset: &mut bindings::loff_t,
    ) -> Result<usize> {
        reader.read_slice_file(self.as_mut_slice().as_bytes_mut(), offset)
    }
}

impl<T: ?Sized + BinaryReaderMut, A: Allocator> BinaryReaderMut for Box<T, A> {
    fn read_from_slice_mut(
        &mut self,
        reader: &mut UserSliceReader,
        offset: &mut bindings::loff_t,
    ) -> Result<usize> {
        T::read_from_slice_mut(self, reader, offset)
    }
}
