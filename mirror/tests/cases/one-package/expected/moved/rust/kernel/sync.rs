// SPDX-License-Identifier: GPL-2.0

//! Locks.

pub mod lock;
