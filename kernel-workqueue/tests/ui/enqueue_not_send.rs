// SPDX-License-Identifier: GPL-2.0

//! An object goes to another task with its work, so it has to be one that may.

extern crate kernel_workqueue as kernel;

use core::cell::Cell;
use kernel::{
    impl_has_work,
    prelude::*,
    sync::Arc,
    workqueue::{self, Work, WorkItem},
};

#[pin_data]
struct Object {
    value: Cell<u32>,
    #[pin]
    work: Work<Object>,
}

impl_has_work! {
    impl HasWork<Object> for Object { self.work }
}

impl WorkItem for Object {
    type Pointer = Arc<Object>;

    fn run(this: Arc<Object>) {
        this.value.set(1);
    }
}

fn enqueue(object: Arc<Object>) {
    let _ = workqueue::system().enqueue(object);
}

fn main() {}
