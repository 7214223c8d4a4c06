// SPDX-License-Identifier: GPL-2.0

//! Procedural macros.

mod module;
