// SPDX-License-Identifier: GPL-2.0

//! The function behind `build_error!` and `build_assert!`.
//!
//! A kernel without `CONFIG_RUST_BUILD_ASSERT_ALLOW` does not link this crate. A call that the
//! optimiser could not remove then refers to the missing symbol `rust_build_error`, and the build
//! ends there. With the option, as under Cargo, such a call panics when it is reached.

#![no_std]

/// Ends a constant evaluation, or the build, or (where neither could see it) panics with `msg`.
#[cold]
#[export_name = "rust_build_error"]
#[inline(never)]
#[track_caller]
pub const fn build_error(msg: &'static str) -> ! {
    panic!("{}", msg);
}
