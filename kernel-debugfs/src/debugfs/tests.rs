// SPDX-License-Identifier: GPL-2.0

//! Tests: files are opened, read and written as by a process, through a mount of debugfs.

mod bytes;
mod process;
mod removal;
mod text;
mod tree;
