// SPDX-License-Identifier: GPL-2.0

//! An object lives until its work is done, so it must not borrow.

extern crate kernel_workqueue as kernel;

use kernel::{
    impl_has_work,
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc,
    },
    workqueue::{self, Work, WorkItem},
};

#[pin_data]
struct Object<'a> {
    count: &'a Atomic<u32>,
    #[pin]
    work: Work<Object<'a>>,
}

impl_has_work! {
    impl{'a} HasWork<Object<'a>> for Object<'a> { self.work }
}

impl<'a> WorkItem for Object<'a> {
    type Pointer = Arc<Object<'a>>;

    fn run(this: Arc<Object<'a>>) {
        this.count.add(1, Relaxed);
    }
}

fn enqueue<'a>(object: Arc<Object<'a>>) {
    let _ = workqueue::system().enqueue(object);
}

fn main() {}
