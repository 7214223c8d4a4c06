// SPDX-License-Identifier: GPL-2.0

//! Work is initialised with its function, so there has to be one, for its number.

extern crate kernel_workqueue as kernel;

use kernel::{
    impl_has_work, new_work,
    prelude::*,
    workqueue::{Work, WorkItem},
};

#[pin_data]
struct Object {
    #[pin]
    work: Work<Object, 1>,
}

impl_has_work! {
    impl HasWork<Object, 1> for Object { self.work }
}

impl WorkItem<0> for Object {
    type Pointer = Pin<KBox<Object>>;

    fn run(_this: Pin<KBox<Object>>) {}
}

fn init() -> impl PinInit<Object> {
    pin_init!(Object { work <- new_work!() })
}

fn main() {}
