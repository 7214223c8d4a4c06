// SPDX-License-Identifier: GPL-2.0

//! Work stays in place: a field that is not pinned can't be initialised with it.

extern crate kernel_workqueue as kernel;

use kernel::{
    impl_has_work, new_work,
    prelude::*,
    workqueue::{Work, WorkItem},
};

#[pin_data]
struct Object {
    work: Work<Object>,
}

impl_has_work! {
    impl HasWork<Object> for Object { self.work }
}

impl WorkItem for Object {
    type Pointer = Pin<KBox<Object>>;

    fn run(_this: Pin<KBox<Object>>) {}
}

fn init() -> impl PinInit<Object> {
    pin_init!(Object { work <- new_work!() })
}

fn main() {}
