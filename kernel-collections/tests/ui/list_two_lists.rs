// SPDX-License-Identifier: GPL-2.0

//! An item is in one list at a time.

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

fn in_two(one: &mut List<Job>, two: &mut List<Job>, job: ListArc<Job>) {
    one.push_back(job);
    two.push_back(job);
}

fn moved_away(one: &mut List<Job>, two: List<Job>) {
    for job in two {
        one.push_back(job);
    }
    drop(two.iter());
}

fn while_shared(list: &mut List<Job>) {
    for job in list.iter() {
        if job.number == 0 {
            list.pop_front();
        }
    }
}

fn main() {}
