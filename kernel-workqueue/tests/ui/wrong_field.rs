// SPDX-License-Identifier: GPL-2.0

//! The macros take a field of the type itself that is work of the right kind.

extern crate kernel_workqueue as kernel;

use core::ops::Deref;
use kernel::{
    impl_has_delayed_work, impl_has_work,
    workqueue::{DelayedWork, Work},
};

struct Other {
    number: u32,
    work: Work<Other>,
}

impl_has_work! {
    impl HasWork<Other> for Other { self.number }
}

struct Delayed {
    work: Work<Delayed>,
}

impl_has_delayed_work! {
    impl HasDelayedWork<Delayed> for Delayed { self.work }
}

struct Numbered {
    work: Work<Numbered, 1>,
}

impl_has_work! {
    impl HasWork<Numbered, 2> for Numbered { self.work }
}

struct Inner {
    elsewhere: Work<Outer>,
    later: DelayedWork<Outer, 1>,
}

struct Outer {
    inner: &'static Inner,
}

impl Deref for Outer {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        self.inner
    }
}

impl_has_work! {
    impl HasWork<Outer> for Outer { self.elsewhere }
}

fn main() {}
