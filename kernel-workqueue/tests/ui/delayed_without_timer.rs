// SPDX-License-Identifier: GPL-2.0

//! Work with a delay needs a `DelayedWork`, which has a timer.

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
    type Pointer = Arc<Object>;

    fn run(_this: Arc<Object>) {}
}

fn enqueue(object: Arc<Object>) {
    let _ = workqueue::system().enqueue_delayed(object, 10);
}

fn main() {}
