// SPDX-License-Identifier: GPL-2.0

//! A C list is linked by a field that of the items themselves, which is a `list_head`.

extern crate kernel_collections as kernel;

use kernel::{
    bindings,
    interop::list::{clist_create, CListHead},
};

#[repr(C)]
struct Item {
    id: [usize; 2],
    entry: bindings::list_head,
    elsewhere: &'static Link,
}

#[repr(C)]
struct Link {
    entry: bindings::list_head,
}

fn wrong_type(head: &CListHead) -> usize {
    // SAFETY: It is not.
    let list = clist_create!(unsafe { head.as_raw(), Item, Item, id });
    list.iter().count()
}

fn elsewhere(head: &CListHead) -> usize {
    // SAFETY: It is not.
    let list = clist_create!(unsafe { head.as_raw(), Item, Item, elsewhere.entry });
    list.iter().count()
}

fn main() {}
