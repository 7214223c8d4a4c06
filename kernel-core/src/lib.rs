// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![no_std]
#![feature(derive_coerce_pointee, used_with_arg)]

extern crate self as kernel;

#[doc(hidden)]
pub use bindings;
#[doc(hidden)]
pub use build_error::build_error;
pub use ffi;
pub use macros;
pub use uapi;

pub mod alloc;
pub mod bitfield;
pub mod bits;
pub mod bug;
pub mod build_assert;
pub mod error;
pub mod fmt;
pub mod impl_flags;
pub mod init;
pub mod ioctl;
pub mod jump_label;
pub mod kunit;
mod module;
pub mod num;
pub mod page;
pub mod print;
pub mod processor;
pub mod ptr;
pub mod safety;
pub mod sizes;
#[doc(hidden)]
pub mod std_vendor;
pub mod str;
pub mod tracepoint;
pub mod transmute;
pub mod types;
pub mod uaccess;

pub use module::{
    assert_same_type, file_from_location, InPlaceModule, Module, ModuleMetadata, ModuleSlot,
    ThisModule,
};

/// What nearly every driver names; meant to be imported as a whole.
pub mod prelude {
    #[doc(no_inline)]
    pub use core::{
        mem::{align_of, align_of_val, size_of, size_of_val},
        pin::Pin,
    };

    #[doc(no_inline)]
    pub use ffi::{
        c_char, c_int, c_long, c_longlong, c_schar, c_short, c_uchar, c_uint, c_ulong, c_ulonglong,
        c_ushort, c_void, CStr,
    };

    #[doc(no_inline)]
    pub use macros::{export, fmt, kunit_tests, module, vtable};

    #[doc(no_inline)]
    pub use pin_init::{
        init, pin_data, pin_init, pinned_drop, InPlaceWrite, Init, PinInit, Zeroable,
    };

    #[doc(no_inline)]
    pub use zerocopy::{FromBytes, IntoBytes};
    #[doc(no_inline)]
    pub use zerocopy_derive::{FromBytes, IntoBytes};

    pub use crate::{
        alloc::{flags::*, Box, KBox, KVBox, KVVec, KVec, VBox, VVec, Vec},
        build_assert::{build_assert, build_error, const_assert, static_assert},
        dbg,
        error::{code::*, Error, Result},
        init::InPlaceInit,
        pr_alert, pr_crit, pr_debug, pr_emerg, pr_err, pr_info, pr_notice, pr_warn,
        str::CStrExt as _,
        try_init, try_pin_init,
        uaccess::UserPtr,
        ThisModule,
    };
}

/// What `pr_*` lines of this crate begin with.
#[allow(dead_code)]
const __LOG_PREFIX: &[u8] = b"kernel_core\0";
