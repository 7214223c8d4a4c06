// SPDX-License-Identifier: GPL-2.0

//! A box that is not pinned could be emptied while its object is on a queue.

extern crate kernel_workqueue as kernel;

use kernel::{
    impl_has_work,
    prelude::*,
    workqueue::{self, Work, WorkItem},
};

#[pin_data]
struct Object {
    #[pin]
    work: Work<Object>,
}

impl_has_work! {
    impl HasWork<Object> for Object { self.work }
}

impl WorkItem for Object {
    type Pointer = Pin<KBox<Object>>;

    fn run(_this: Pin<KBox<Object>>) {}
}

fn enqueue(object: KBox<Object>) {
    workqueue::system().enqueue(object);
}

fn main() {}
