// SPDX-License-Identifier: GPL-2.0

//! Raw bindings to the kernel's C interfaces, as bindgen writes them.
//!
//! Only abstraction crates name anything in here; a test keeps drivers out. The C side documents
//! each item.
//!
//! The files come from `OBJTREE`: in a kernel tree Kbuild makes them for the configuration at hand;
//! under Cargo they are the snapshot that the package carries, or the tree that `KERNEL_OBJTREE`
//! names.

#![no_std]
#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
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

#[allow(dead_code)]
mod bindings_raw {
    use pin_init::{MaybeZeroable, Zeroable};

    // The kernel's size types are pointer-sized on every architecture, and bindgen's mapping by
    // width would tell `usize` from `u64`.
    type __kernel_size_t = usize;
    type __kernel_ssize_t = isize;
    type __kernel_ptrdiff_t = isize;

    // SAFETY: bindgen's stand-in for a flexible array member has no bytes, so no byte of it can be
    // anything but zero.
    unsafe impl<T> Zeroable for __IncompleteArrayField<T> {}
    // SAFETY: A bit-field unit is a plain array of integers, for which all zeroes is a value.
    unsafe impl<T: Zeroable> Zeroable for __BindgenBitfieldUnit<T> {}

    include!(concat!(
        env!("OBJTREE"),
        "/rust/bindings/bindings_generated.rs"
    ));
}

/// The C side's macros and inline functions, called through `rust_helper_…` functions.
#[allow(dead_code)]
mod bindings_helper {
    // A helper and a binding may share a name: what is declared here shadows the glob.
    pub use super::bindings_raw::*;

    include!(concat!(
        env!("OBJTREE"),
        "/rust/bindings/bindings_helpers_generated.rs"
    ));
}

pub use bindings_helper::*;

/// The `compat_ioctl` operation for commands that take a pointer. C has a function for it, or a null
/// macro, which bindgen does not show, in kernels without 32-bit processes.
#[cfg(CONFIG_COMPAT)]
pub const compat_ptr_ioctl: CompatIoctl = Some(bindings_raw::compat_ptr_ioctl);

/// The `compat_ioctl` operation for commands that take a pointer: none, as there are no 32-bit
/// processes.
#[cfg(not(CONFIG_COMPAT))]
pub const compat_ptr_ioctl: CompatIoctl = None;

type CompatIoctl =
    Option<unsafe extern "C" fn(*mut file, ffi::c_uint, ffi::c_ulong) -> ffi::c_long>;
