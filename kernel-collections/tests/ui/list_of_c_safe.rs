// SPDX-License-Identifier: GPL-2.0

//! Whoever takes a C list for one promises what it is a list of.

extern crate kernel_collections as kernel;

use kernel::{
    bindings,
    interop::list::{clist_create, CListHead},
};

#[repr(C)]
struct Item {
    id: u32,
    entry: bindings::list_head,
}

fn by_the_macro(head: &CListHead) -> usize {
    let list = clist_create!(head.as_raw(), Item, Item, entry);
    list.iter().count()
}

fn main() {}
