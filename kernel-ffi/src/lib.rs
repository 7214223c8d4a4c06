// SPDX-License-Identifier: GPL-2.0

//! The C types that kernel interfaces are written in, as Rust types.
//!
//! For bindings and abstractions; drivers reach the same names through `kernel::prelude`.
//!
//! Two choices differ from [`core::ffi`]: the kernel is compiled with `-funsigned-char`, so
//! [`c_char`] is `u8`; and the kernel relies on `long` being as wide as a pointer everywhere, so
//! [`c_long`] and [`c_ulong`] are `isize` and `usize`, and need no cast to an index or a size.

#![no_std]
#![allow(non_camel_case_types)]

macro_rules! c_types {
    ($($(#[$meta:meta])* $name:ident = $rust:ident;)*) => {$(
        $(#[$meta])*
        pub type $name = $rust;

        // Whatever the target calls its types, their size is C's.
        const _: () = assert!(size_of::<$name>() == size_of::<core::ffi::$name>());
    )*};
}

use core::mem::size_of;

c_types! {
    /// C's `char`, unsigned throughout the kernel.
    c_char = u8;
    /// C's `signed char`.
    c_schar = i8;
    /// C's `unsigned char`.
    c_uchar = u8;
    /// C's `short`.
    c_short = i16;
    /// C's `unsigned short`.
    c_ushort = u16;
    /// C's `int`.
    c_int = i32;
    /// C's `unsigned int`.
    c_uint = u32;
    /// C's `long`, as wide as a pointer.
    c_long = isize;
    /// C's `unsigned long`, as wide as a pointer.
    c_ulong = usize;
    /// C's `long long`.
    c_longlong = i64;
    /// C's `unsigned long long`.
    c_ulonglong = u64;
}

pub use core::ffi::{c_void, CStr};
