// SPDX-License-Identifier: GPL-2.0

//! A queue that can end takes no work with a delay, by whatever way.

extern crate kernel_workqueue as kernel;

use kernel::{
    impl_has_delayed_work,
    prelude::*,
    sync::Arc,
    workqueue::{DelayedWork, OwnedQueue, Queue, WorkItem},
};

#[pin_data]
struct Object {
    #[pin]
    work: DelayedWork<Object>,
}

impl_has_delayed_work! {
    impl HasDelayedWork<Object> for Object { self.work }
}

impl WorkItem for Object {
    type Pointer = Arc<Object>;

    fn run(_this: Arc<Object>) {}
}

fn directly(queue: &OwnedQueue, object: Arc<Object>) {
    let _ = queue.enqueue_delayed(object, 10);
}

fn by_a_reference(queue: &OwnedQueue) -> &Queue {
    queue
}

fn main() {}
