// SPDX-License-Identifier: GPL-2.0

//! Errors.

/// An error.
pub struct Error(i32);
