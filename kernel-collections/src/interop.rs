// SPDX-License-Identifier: GPL-2.0

//! Data structures of C's that Rust looks into.
//!
//! Rust code has data structures of its own; this is for the ones that C code makes and hands out.
//!
//! - [`list`]: lists of `struct list_head`.

pub mod list;
