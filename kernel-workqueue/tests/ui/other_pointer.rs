// SPDX-License-Identifier: GPL-2.0

//! `run` gets the kind of pointer that was enqueued: another kind is not taken.

extern crate kernel_workqueue as kernel;

use kernel::{
    impl_has_work,
    prelude::*,
    sync::Arc,
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

fn enqueue(object: Arc<Object>) {
    let _ = workqueue::system().enqueue(object);
}

fn main() {}
