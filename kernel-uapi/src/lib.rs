// SPDX-License-Identifier: GPL-2.0

//! Raw bindings to the kernel's user-space interface (`include/uapi`), as bindgen writes them.
//!
//! Drivers may name these: they are the constants and structures that user space sees.

#![no_std]
#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    dead_code,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    improper_ctypes,
    rust_2018_idioms,
    unreachable_pub,
    unsafe_op_in_unsafe_fn
)]
#![cfg_attr(
    any(cargo, CONFIG_RUSTC_HAS_UNNECESSARY_TRANSMUTES),
    allow(unnecessary_transmutes)
)]
#![feature(cfi_encoding)]

use pin_init::MaybeZeroable;

// The kernel's size types are pointer-sized on every architecture.
type __kernel_size_t = usize;
type __kernel_ssize_t = isize;
type __kernel_ptrdiff_t = isize;

include!(concat!(env!("OBJTREE"), "/rust/uapi/uapi_generated.rs"));
