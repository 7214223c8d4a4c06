// SPDX-License-Identifier: GPL-2.0

//! Whether an item is in another list can't be seen, so that `remove` takes a promise.

extern crate kernel_collections as kernel;

use kernel::list::{impl_list_arc_safe, impl_list_item, List, ListArc, ListLinks};
use kernel::prelude::*;

#[pin_data]
struct Job {
    number: u32,
    #[pin]
    links: ListLinks,
}

impl_list_arc_safe! {
    impl ListArcSafe<0> for Job { untracked; }
}
impl_list_item! {
    impl ListItem<0> for Job { using ListLinks { self.links }; }
}

fn remove(list: &mut List<Job>, job: &Job) -> Option<ListArc<Job>> {
    list.remove(job)
}

fn main() {}
