// SPDX-License-Identifier: GPL-2.0

//! Numbers of [`ioctl(2)`] commands.
//!
//! A command's number packs four things: a number of its own, the type (a magic number that is the
//! driver's), the size of the argument, and which way the argument goes, seen from user space.
//! [`Documentation/userspace-api/ioctl/ioctl-number.rst`] lists the types that are taken.
//!
//! The functions are the C macros of the same names, and run at compile time:
//!
//! ```
//! use kernel::ioctl::{_IOC_DIR, _IOC_NR, _IOC_SIZE, _IOC_TYPE, _IOR, _IOW, _IO};
//!
//! const TYPE: u32 = b'|' as u32;
//!
//! const RESET: u32 = _IO(TYPE, 0x80);
//! const SET_LEVEL: u32 = _IOW::<u32>(TYPE, 0x81);
//! const GET_LEVEL: u32 = _IOR::<u32>(TYPE, 0x82);
//!
//! fn handle(cmd: u32) -> Result<u32> {
//!     match cmd {
//!         RESET => Ok(0),
//!         SET_LEVEL | GET_LEVEL => Ok(_IOC_NR(cmd)),
//!         _ => Err(ENOTTY),
//!     }
//! }
//!
//! assert_eq!(handle(GET_LEVEL), Ok(0x82));
//! assert_eq!(handle(!GET_LEVEL), Err(ENOTTY));
//! assert_eq!((_IOC_TYPE(RESET), _IOC_SIZE(RESET)), (TYPE, 0));
//! assert_eq!(_IOC_SIZE(SET_LEVEL), 4);
//! assert_ne!(_IOC_DIR(SET_LEVEL), _IOC_DIR(GET_LEVEL));
//! ```
//!
//! C header: [`include/uapi/asm-generic/ioctl.h`]; some architectures have their own.
//!
//! [`ioctl(2)`]: https://man7.org/linux/man-pages/man2/ioctl.2.html
//! [`Documentation/userspace-api/ioctl/ioctl-number.rst`]: srctree/Documentation/userspace-api/ioctl/ioctl-number.rst
//! [`include/uapi/asm-generic/ioctl.h`]: srctree/include/uapi/asm-generic/ioctl.h

#![expect(non_snake_case, reason = "the names are C's")]

use crate::{bindings, build_assert::build_assert};

/// Packs the parts. One that does not fit into its bits ends the build.
#[inline(always)]
const fn _IOC(dir: u32, ty: u32, nr: u32, size: usize) -> u32 {
    build_assert!(dir <= bindings::_IOC_DIRMASK);
    build_assert!(ty <= bindings::_IOC_TYPEMASK);
    build_assert!(nr <= bindings::_IOC_NRMASK);
    build_assert!(size <= bindings::_IOC_SIZEMASK as usize);

    (dir << bindings::_IOC_DIRSHIFT)
        | (ty << bindings::_IOC_TYPESHIFT)
        | (nr << bindings::_IOC_NRSHIFT)
        | ((size as u32) << bindings::_IOC_SIZESHIFT)
}

/// Takes one part out of a command's number.
#[inline(always)]
const fn part(cmd: u32, shift: u32, mask: u32) -> u32 {
    (cmd >> shift) & mask
}

/// Numbers a command without an argument.
///
/// A `ty` or `nr` of more than 8 bits ends the build.
#[inline(always)]
pub const fn _IO(ty: u32, nr: u32) -> u32 {
    _IOC(bindings::_IOC_NONE, ty, nr, 0)
}

/// Numbers a command that user space reads a `T` with: the kernel writes it.
///
/// A `ty` or `nr` of more than 8 bits, or a `T` too large for the size field (16 KiB on most
/// architectures), ends the build.
#[inline(always)]
pub const fn _IOR<T>(ty: u32, nr: u32) -> u32 {
    _IOC(bindings::_IOC_READ, ty, nr, size_of::<T>())
}

/// Numbers a command that user space writes a `T` with: the kernel reads it.
///
/// The bounds are those of [`_IOR`].
#[inline(always)]
pub const fn _IOW<T>(ty: u32, nr: u32) -> u32 {
    _IOC(bindings::_IOC_WRITE, ty, nr, size_of::<T>())
}

/// Numbers a command whose `T` goes both ways: the kernel reads it, then writes it.
///
/// The bounds are those of [`_IOR`].
#[inline(always)]
pub const fn _IOWR<T>(ty: u32, nr: u32) -> u32 {
    _IOC(
        bindings::_IOC_READ | bindings::_IOC_WRITE,
        ty,
        nr,
        size_of::<T>(),
    )
}

/// Returns which way the argument of a command goes: the bits `_IOC_READ` and `_IOC_WRITE` of
/// `kernel::uapi`, or `_IOC_NONE`.
pub const fn _IOC_DIR(nr: u32) -> u32 {
    part(nr, bindings::_IOC_DIRSHIFT, bindings::_IOC_DIRMASK)
}

/// Returns the type of a command.
pub const fn _IOC_TYPE(nr: u32) -> u32 {
    part(nr, bindings::_IOC_TYPESHIFT, bindings::_IOC_TYPEMASK)
}

/// Returns a command's number among those of its type.
pub const fn _IOC_NR(nr: u32) -> u32 {
    part(nr, bindings::_IOC_NRSHIFT, bindings::_IOC_NRMASK)
}

/// Returns the size of a command's argument, in bytes.
pub const fn _IOC_SIZE(nr: u32) -> usize {
    part(nr, bindings::_IOC_SIZESHIFT, bindings::_IOC_SIZEMASK) as usize
}

#[macros::kunit_tests(rust_ioctl)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn numbers_are_those_of_c() {
        // One of each kind, from `include/uapi/linux/fs.h`, as C's macros compute it.
        assert_eq!(_IO(0x12, 93), bindings::BLKROSET);
        assert_eq!(_IOR::<usize>(0x12, 114), bindings::BLKGETSIZE64);
        assert_eq!(_IOW::<usize>(0x12, 113), bindings::BLKBSZSET);
        assert_eq!(_IOWR::<c_int>(0x58, 119), bindings::FIFREEZE);
    }

    #[test]
    fn parts_make_the_round_trip() {
        for ty in 0..=bindings::_IOC_TYPEMASK {
            for nr in 0..=bindings::_IOC_NRMASK {
                let cmd = (ty << bindings::_IOC_TYPESHIFT) | (nr << bindings::_IOC_NRSHIFT);
                assert_eq!(_IOC_TYPE(cmd), ty);
                assert_eq!(_IOC_NR(cmd), nr);
                assert_eq!((_IOC_DIR(cmd), _IOC_SIZE(cmd)), (0, 0));
            }
        }
    }

    #[test]
    fn sizes_up_to_the_largest() {
        const LARGEST: usize = bindings::_IOC_SIZEMASK as usize;
        const NONE: u32 = _IOR::<()>(1, 2);
        const ALL: u32 = _IOWR::<[u8; LARGEST]>(0xff, 0xff);

        assert_eq!(_IOC_SIZE(NONE), 0);
        assert_eq!(_IOC_SIZE(ALL), LARGEST);
        assert_eq!(_IOC_DIR(ALL), bindings::_IOC_READ | bindings::_IOC_WRITE);
        assert_eq!((_IOC_TYPE(ALL), _IOC_NR(ALL)), (0xff, 0xff));
    }
}
