// SPDX-License-Identifier: GPL-2.0

//! A list goes to another thread with its items, if those do.

extern crate kernel_collections as kernel;

use core::cell::Cell;
use kernel::list::{impl_list_arc_safe, impl_list_item, List, ListArc, ListArcField, ListLinks};
use kernel::prelude::*;

#[pin_data]
struct Local {
    count: Cell<u32>,
    #[pin]
    links: ListLinks,
}

impl_list_arc_safe! {
    impl ListArcSafe<0> for Local { untracked; }
}
impl_list_item! {
    impl ListItem<0> for Local { using ListLinks { self.links }; }
}

fn send<T: Send>(_: T) {}

fn list(list: List<Local>) {
    send(list);
}

fn shared(list: &List<Local>) {
    send(list);
}

fn list_arc(item: ListArc<Local>) {
    send(item);
}

fn field(field: ListArcField<Cell<u32>>) {
    send(field);
}

fn main() {}
