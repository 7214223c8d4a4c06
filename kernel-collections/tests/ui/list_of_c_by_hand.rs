// SPDX-License-Identifier: GPL-2.0

//! Whoever takes a C list for one promises what it is a list of.

extern crate kernel_collections as kernel;

use kernel::interop::list::{CList, CListHead};

fn of_what(head: &CListHead) -> usize {
    CList::<u32, 8>::from_raw(head.as_raw()).iter().count()
}

fn main() {}
