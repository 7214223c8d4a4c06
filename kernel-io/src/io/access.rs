// SPDX-License-Identifier: GPL-2.0

//! Regions and locations: what is common to all of them.

use super::register::LocatedRegister;
use crate::{build_assert, prelude::*};

/// Returns whether a region of `size` bytes has room for a `U` at `offset`, which has to be a multiple of
/// its size.
#[inline(always)]
const fn offset_valid<U>(offset: usize, size: usize) -> bool {
    let width = size_of::<U>();
    match offset.checked_add(width) {
        Some(end) => end <= size && (width == 0 || offset % width == 0),
        None => false,
    }
}

/// Returns whether a location that the compiler knows is valid; one that it does not know may be.
#[inline(always)]
const fn location_valid<U>(offset: Option<usize>, size: usize) -> bool {
    match offset {
        Some(offset) => offset_valid::<U>(offset, size),
        None => true,
    }
}

/// Regions that can be accessed in units of `T`.
///
/// Users of regions call the methods of [`Io`], which check their arguments; this trait is for those who
/// make a new kind of region.
///
/// `T` is `u8`, `u16`, `u32` or, on 64-bit machines, `u64`.
pub trait IoCapable<T> {
    /// Reads a value.
    ///
    /// # Safety
    ///
    /// `address` is what [`Io::io_addr`] or [`IoKnownSize::io_addr_assert`] of this region returned for a
    /// `T`.
    unsafe fn io_read(&self, address: usize) -> T;

    /// Writes a value.
    ///
    /// # Safety
    ///
    /// As for [`io_read`](Self::io_read).
    unsafe fn io_write(&self, value: T, address: usize);
}

/// Where in a region a `T` is.
///
/// - `usize` is an offset in bytes, of a plain integer.
/// - Registers are located by what [`register!`](crate::register!) defines: see
///   [`register`](mod@super::register).
///
/// A location is only an offset: it is checked when it is used.
pub trait IoLoc<T> {
    /// The integer that is transferred.
    type IoType: Into<T> + From<T>;

    /// The offset, if it is the same for all values of this type.
    ///
    /// For the compiler to check it, which it can't do with what a function returns. Not API.
    #[doc(hidden)]
    const KNOWN_OFFSET: Option<usize> = None;

    /// Returns the offset from the beginning of the region, in bytes.
    fn offset(self) -> usize;
}

macro_rules! impl_io_loc_for_usize {
    ($($int:ty)*) => {$(
        impl IoLoc<$int> for usize {
            type IoType = $int;

            #[inline(always)]
            fn offset(self) -> usize {
                self
            }
        }
    )*};
}

impl_io_loc_for_usize!(u8 u16 u32 u64);

macro_rules! plain_methods {
    ($($int:ident $read:ident $try_read:ident $write:ident $try_write:ident)*) => {
        $(
            #[doc = concat!("Reads the `", stringify!($int), "` at a constant offset.")]
            ///
            /// Does not build where the optimiser can't see that it is in the region.
            #[inline(always)]
            fn $read(&self, offset: usize) -> $int
            where
                Self: IoKnownSize + IoCapable<$int>,
            {
                self.read(offset)
            }
        )*
        $(
            #[doc = concat!("Reads the `", stringify!($int), "` at an offset.")]
            ///
            /// # Errors
            ///
            /// `EINVAL` if it is not in the region, or not at a multiple of its size.
            #[inline(always)]
            fn $try_read(&self, offset: usize) -> Result<$int>
            where
                Self: IoCapable<$int>,
            {
                self.try_read(offset)
            }
        )*
        $(
            #[doc = concat!("Writes a `", stringify!($int), "` at a constant offset.")]
            ///
            /// Does not build where the optimiser can't see that it is in the region.
            #[inline(always)]
            fn $write(&self, value: $int, offset: usize)
            where
                Self: IoKnownSize + IoCapable<$int>,
            {
                self.write(offset, value);
            }
        )*
        $(
            #[doc = concat!("Writes a `", stringify!($int), "` at an offset.")]
            ///
            /// # Errors
            ///
            /// `EINVAL` if it is not in the region, or not at a multiple of its size.
            #[inline(always)]
            fn $try_write(&self, value: $int, offset: usize) -> Result
            where
                Self: IoCapable<$int>,
            {
                self.try_write(offset, value)
            }
        )*
    };
}

/// Regions of registers, or of other memory of a device.
///
/// The methods are explained in the [module](super). Those whose names begin with `try` work with any
/// location, and fail if it is not in the region. The others want [`IoKnownSize`], and do not build.
///
/// # Examples
///
/// Two regions that are accessed in different ways, by the same code:
///
/// ```
/// use kernel::io::{Io, IoCapable};
/// # use kernel::io::testing::Memory;
///
/// /// Clears `words` words from `offset` on.
/// fn clear<R: Io + IoCapable<u32>>(region: &R, offset: usize, words: usize) -> Result {
///     for i in 0..words {
///         region.try_write32(0, offset + 4 * i)?;
///     }
///     Ok(())
/// }
///
/// # let region = Memory::<64>::new()?;
/// region.write32(7, 8);
/// region.write32(9, 12);
/// clear(&*region, 0, 3)?;
/// assert_eq!((region.read32(8), region.read32(12)), (0, 9));
///
/// clear(region.relaxed(), 12, 1)?;
/// assert_eq!(region.read32(12), 0);
///
/// assert_eq!(clear(&*region, 60, 2), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
pub trait Io {
    /// Returns the address of the first byte.
    fn addr(&self) -> usize;

    /// Returns the size of the region in bytes, which may be more than its type says.
    fn maxsize(&self) -> usize;

    /// Returns the address of a `U` at `offset`.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is not in the region, or the offset is not a multiple of its size.
    #[inline(always)]
    fn io_addr<U>(&self, offset: usize) -> Result<usize> {
        if !offset_valid::<U>(offset, self.maxsize()) {
            return Err(EINVAL);
        }
        self.addr().checked_add(offset).ok_or(EINVAL)
    }

    plain_methods! {
        u8 read8 try_read8 write8 try_write8
        u16 read16 try_read16 write16 try_write16
        u32 read32 try_read32 write32 try_write32
        u64 read64 try_read64 write64 try_write64
    }

    /// Reads the value at a location.
    ///
    /// Does not build if that is not in the region.
    #[inline(always)]
    fn read<T, L>(&self, location: L) -> T
    where
        L: IoLoc<T>,
        Self: IoKnownSize + IoCapable<L::IoType>,
    {
        let address = known_address(self, location);
        // SAFETY: `known_address` is `io_addr_assert`, for a value of this type.
        unsafe { self.io_read(address) }.into()
    }

    /// Reads the value at a location.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is not in the region, or not at a multiple of its size.
    #[inline(always)]
    fn try_read<T, L>(&self, location: L) -> Result<T>
    where
        L: IoLoc<T>,
        Self: IoCapable<L::IoType>,
    {
        let address = self.io_addr::<L::IoType>(location.offset())?;
        // SAFETY: `io_addr` returned the address for a value of this type.
        Ok(unsafe { self.io_read(address) }.into())
    }

    /// Writes a value at a location.
    ///
    /// Does not build if that is not in the region.
    #[inline(always)]
    fn write<T, L>(&self, location: L, value: T)
    where
        L: IoLoc<T>,
        Self: IoKnownSize + IoCapable<L::IoType>,
    {
        let address = known_address(self, location);
        // SAFETY: `known_address` is `io_addr_assert`, for a value of this type.
        unsafe { self.io_write(value.into(), address) };
    }

    /// Writes a value at a location.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is not in the region, or not at a multiple of its size.
    #[inline(always)]
    fn try_write<T, L>(&self, location: L, value: T) -> Result
    where
        L: IoLoc<T>,
        Self: IoCapable<L::IoType>,
    {
        let address = self.io_addr::<L::IoType>(location.offset())?;
        // SAFETY: `io_addr` returned the address for a value of this type.
        unsafe { self.io_write(value.into(), address) };
        Ok(())
    }

    /// Writes the value of a register that has one location, there.
    ///
    /// Does not build if that is not in the region.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::io::{register, Io};
    /// # use kernel::io::testing::Memory;
    ///
    /// register! {
    ///     RESET(u32) @ 0x8 {
    ///         4:4 hard => bool;
    ///     }
    /// }
    ///
    /// # let region = Memory::<16>::new()?;
    /// region.write_reg(RESET::zeroed().with_hard(true));
    /// assert_eq!(region.read32(8), 0x10);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    fn write_reg<T, L, V>(&self, value: V)
    where
        L: IoLoc<T>,
        V: LocatedRegister<Location = L, Value = T>,
        Self: IoKnownSize + IoCapable<L::IoType>,
    {
        let (location, value) = value.into_io_op();
        self.write(location, value);
    }

    /// Writes the value of a register that has one location, there.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is not in the region, or not at a multiple of its size.
    #[inline(always)]
    fn try_write_reg<T, L, V>(&self, value: V) -> Result
    where
        L: IoLoc<T>,
        V: LocatedRegister<Location = L, Value = T>,
        Self: IoCapable<L::IoType>,
    {
        let (location, value) = value.into_io_op();
        self.try_write(location, value)
    }

    /// Reads the value at a location, and writes what `f` makes of it.
    ///
    /// Does not build if the location is not in the region. What others write in between is lost.
    #[inline(always)]
    fn update<T, L, F>(&self, location: L, f: F)
    where
        L: IoLoc<T>,
        Self: IoKnownSize + IoCapable<L::IoType> + Sized,
        F: FnOnce(T) -> T,
    {
        let address = known_address(self, location);
        // SAFETY: `known_address` is `io_addr_assert`, for a value of this type.
        let value = unsafe { self.io_read(address) }.into();
        // SAFETY: As above.
        unsafe { self.io_write(f(value).into(), address) };
    }

    /// Reads the value at a location, and writes what `f` makes of it.
    ///
    /// What others write in between is lost.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is not in the region, or not at a multiple of its size; `f` is not called then.
    #[inline(always)]
    fn try_update<T, L, F>(&self, location: L, f: F) -> Result
    where
        L: IoLoc<T>,
        Self: IoCapable<L::IoType>,
        F: FnOnce(T) -> T,
    {
        let address = self.io_addr::<L::IoType>(location.offset())?;
        // SAFETY: `io_addr` returned the address for a value of this type.
        let value = unsafe { self.io_read(address) }.into();
        // SAFETY: As above.
        unsafe { self.io_write(f(value).into(), address) };
        Ok(())
    }
}

/// Regions whose least size is in their type, so that the build can check constant locations.
pub trait IoKnownSize: Io {
    /// The size in bytes that every region of this type has at least.
    const MIN_SIZE: usize;

    /// Returns the address of a `U` at `offset`.
    ///
    /// Does not build where the optimiser can't see that it is within [`MIN_SIZE`](Self::MIN_SIZE), and
    /// that the offset is a multiple of its size: see [`build_assert!`].
    #[inline(always)]
    fn io_addr_assert<U>(&self, offset: usize) -> usize {
        build_assert!(
            offset_valid::<U>(offset, Self::MIN_SIZE),
            "the location is not in the region, or not at a multiple of its size"
        );
        self.addr() + offset
    }
}

/// Returns what [`IoKnownSize::io_addr_assert`] does; the compiler checks the location itself if it can.
#[inline(always)]
fn known_address<T, L: IoLoc<T>, R: IoKnownSize + ?Sized>(region: &R, location: L) -> usize {
    const {
        assert!(
            location_valid::<L::IoType>(L::KNOWN_OFFSET, R::MIN_SIZE),
            "the register is not in the region, or not at a multiple of its size"
        );
    }
    region.io_addr_assert::<L::IoType>(location.offset())
}
