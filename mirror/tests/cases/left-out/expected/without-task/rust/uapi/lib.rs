// SPDX-License-Identifier: GPL-2.0

//! User-space interface.

#![no_std]
