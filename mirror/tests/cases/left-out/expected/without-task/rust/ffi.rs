// SPDX-License-Identifier: GPL-2.0

//! C types.

#![no_std]
