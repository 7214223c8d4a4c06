// SPDX-License-Identifier: GPL-2.0

//! Two fields of a type need two numbers.

extern crate kernel_workqueue as kernel;

use kernel::{impl_has_work, workqueue::Work};

struct Object {
    first: Work<Object>,
    second: Work<Object>,
}

impl_has_work! {
    impl HasWork<Object> for Object { self.first }
    impl HasWork<Object> for Object { self.second }
}

fn main() {}
