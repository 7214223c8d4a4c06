// SPDX-License-Identifier: GPL-2.0

//! A cursor has the list to itself, and goes before it does; what it peeks at stays meanwhile.

extern crate kernel_collections as kernel;

use kernel::list::{impl_list_arc_safe, impl_list_item, Cursor, List, ListArc, ListLinks};
use kernel::prelude::*;
use kernel::sync::ArcBorrow;

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

fn outlives<'a>(mut list: List<Job>) -> Cursor<'a, Job> {
    list.cursor_front()
}

fn changed_behind_its_back(list: &mut List<Job>, job: ListArc<Job>) {
    let mut cursor = list.cursor_front();
    list.push_back(job);
    cursor.move_next();
}

fn peek_while_moving(list: &mut List<Job>) -> u32 {
    let mut cursor = list.cursor_front();
    let Some(next) = cursor.peek_next() else {
        return 0;
    };
    cursor.move_next();
    next.number
}

fn removed_and_looked_at(list: &mut List<Job>) -> Option<ListArc<Job>> {
    let mut cursor = list.cursor_front();
    let next = cursor.peek_next()?;
    let borrowed: ArcBorrow<'_, Job> = next.arc();
    let removed = next.remove();
    (borrowed.number == 0).then_some(removed)
}

fn main() {}
