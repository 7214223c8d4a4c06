// SPDX-License-Identifier: GPL-2.0

//! Where C and Rust share a data structure.
